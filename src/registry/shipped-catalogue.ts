/** The date of the catalogue that comes with the program, so that it is read only where an older one was imported. */
export const shippedCatalogueDate = "2026-07-02";

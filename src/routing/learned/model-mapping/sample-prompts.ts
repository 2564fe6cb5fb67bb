/** Prompts that show what a prior expects: written for that, and in none of the labelled sets. */
export const samplePrompts: Readonly<Record<string, readonly string[]>> = {
  math: [
    "A bus leaves with 18 passengers. At each of 4 stops 3 more get on and 2 get off. How many passengers arrive?",
    "Mira saves 12 dollars a week and spends a quarter of it on books. How much has she left after 10 weeks?",
    "Find all real numbers x such that x^3 - 6x^2 + 11x - 6 = 0, and give their sum.",
    "What is the remainder when 7^100 is divided by 5?",
  ],
  code: [
    "Write a Python function that returns the longest common prefix of a list of strings.",
    "def f(text):\n    return ''.join(reversed([c for c in text if c.isalpha()]))\nWhat does f('a1b2') return?",
    "Write a function to check whether a number is a perfect square without using floating point.",
    "Complete this function:\ndef merge_sorted(a, b):\n    '''Merge two sorted lists into one.'''",
  ],
  knowledge: [
    "Which of the following organelles makes most of a cell's ATP?\nA. Nucleus\nB. Ribosome\nC. Mitochondrion\nD. Vacuole\nAnswer:",
    "Who wrote the novel about a whaling ship and its captain?",
    "In which year did the first person walk on the moon?",
    "Which rule of evidence covers statements that a dying person makes?\nA. Hearsay\nB. Privilege\nC. Dying declaration\nD. Estoppel\nAnswer:",
  ],
  other: [
    "Write a friendly letter to a customer whose parcel came two weeks late.",
    "Translate into French: the meeting was moved to Thursday afternoon.",
    "Summarise in three sentences why the project was delayed and what happens next.",
    "Give me some ideas for a birthday party for a ten-year-old who loves dinosaurs.",
  ],
};

export class CallScope {}

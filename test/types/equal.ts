/** Whether two types are the same: `true satisfies Equal<typeof x, string>`. */
export type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false

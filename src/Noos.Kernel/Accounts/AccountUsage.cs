namespace Noos.Kernel.Accounts;

/// <summary>What a person has used.</summary>
/// <param name="TokensIn">Prompt tokens of today (UTC), those from the cache included.</param>
/// <param name="TokensOut">Tokens generated today.</param>
/// <param name="Processes">Processes that are kept.</param>
public sealed record AccountUsage(long TokensIn, long TokensOut, long Processes);

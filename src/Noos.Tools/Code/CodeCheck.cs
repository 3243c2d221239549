namespace Noos.Tools.Code;

/// <summary>One thing that code needs to run well, as <c>noos doctor</c> lists it.</summary>
/// <param name="Name">What.</param>
/// <param name="IsGood">It is there and works.</param>
/// <param name="Sentence">What was found.</param>
/// <param name="Remedy">The one line that mends it; null where nothing is to be mended.</param>
public sealed record CodeCheck(string Name, bool IsGood, string Sentence, string? Remedy);

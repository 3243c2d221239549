namespace Noos.Language.Tokenization.Splitting;

/// <summary>Hands out the pieces of a <see cref="RegexRule"/>, which finds all of a text at once.</summary>
struct RegexSplitter(RegexRule rule) : ISplitter<RegexSplitter>
{
    int[] _ends = [];
    int _next;

    public readonly RegexSplitter For(ReadOnlySpan<byte> text) => new(rule) { _ends = rule.Ends(text) };

    public int End(ReadOnlySpan<byte> text, int start) => _ends[_next++];
}

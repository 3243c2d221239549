using Noos.Corpus.Addresses;

namespace Noos.Corpus.Tests.Addresses;

/// <summary>Joiners and directions, with cases of Unicode's IdnaTestV2.txt.</summary>
public sealed class NameRuleTests
{
    [Theory]
    [InlineData(true, "a", "b1")]
    [InlineData(true, "\u05d0\u05d1", "abc")]
    [InlineData(true, "\u05d01", "\u05d0")]
    [InlineData(true, "\u0627\u0661", "a")]
    [InlineData(true, "\u05d0\u0308", "\u00e0")]
    [InlineData(false, "\u00e0\u05d0")]
    [InlineData(false, "0\u00e0", "\u05d0")]
    [InlineData(false, "\u0300", "\u05d0")]
    [InlineData(false, "\u05d00\u0660\u05d0")]
    [InlineData(false, "\u05d0a\u05d0")]
    [InlineData(false, "a-", "\u05d0")]
    public void Labels_run_in_one_direction(bool expected, params string[] labels) =>
        Assert.Equal(expected, NameRules.AllowsDirections(labels));

    [Theory]
    [InlineData(true, "abc")]
    [InlineData(true, "\u0915\u094d\u200d\u0937")]
    [InlineData(true, "\u0915\u094d\u200c\u0937")]
    [InlineData(true, "\u0647\u200c\u0627")]
    [InlineData(true, "\u0628\u064b\u200c\u064b\u0628")]
    [InlineData(false, "a\u200cb")]
    [InlineData(false, "a\u200db")]
    [InlineData(false, "\u200d")]
    [InlineData(false, "\u0647\u200d\u0627")]
    [InlineData(false, "\u0627\u200c\u0647")]
    public void Joiner_stands_where_a_script_needs_it(bool expected, string label) =>
        Assert.Equal(expected, NameRules.AllowsJoiners(label));
}

using Noos.Corpus.Cleaning.Policies;
using Noos.Corpus.Cleaning.Signals;

namespace Noos.Corpus.Tests.Cleaning;

/// <summary>The cases that datatrove's own filters are tested with, by the reason that drops them there.</summary>
public sealed class TextSignalsTests
{
    const string Gandalf = "I wish it need not have happened in my time,' said Frodo. 'So do I,' said Gandalf, 'and so do all who live to "
        + "see such times. But that is not for them to decide. All we have to decide is what to do with the time that is given us.'";

    static readonly string s_threes = new('x', 30);
    static readonly string s_fours = new('x', 40);

    public static TheoryData<string, string> Caught => new()
    {
        { "gopher-lines", Repeat("I am your father.\n", 4) },
        { "gopher-paragraphs", Repeat("I am your father.\n\n", 4) },
        { "gopher-paragraph-characters",
            $"I am groot.\n\nYou are a wizard.\n\nI am your father.\n\n{s_threes}.\n\n{s_threes}.\n\n" },
        { "gopher-line-characters", $"I am groot.\nYou are a wizard.\nI am your father.\n{s_fours}.\n{s_fours}.\n" },
        { "gopher-top-2", "I am Frank, I am Frank, I am Frank" },
        { "gopher-top-3", "I am Frank, you are Jhon. I am Frank. I am Frank you are Jhon" },
        { "gopher-repeated-5", Repeat("I am a solo traveller ", 4) + Gandalf },
        { "gopher-short", "I am too small..." },
        { "gopher-word-length", Repeat("I am ", 20) },
        { "gopher-word-length", Repeat("interconnection ", 20) },
        { "gopher-hashes", Repeat("# comment ", 20) },
        { "gopher-ellipses", Repeat("... comment ", 20) },
        { "gopher-letters", Repeat("the ./!*?<><> apple <?////> orange  ++ interconnection !<>??? have ", 20) },
        { "c4-lorem-ipsum", "This is a sentence with lorem ipsum dolor sit amet.\nAnother sentence with proper punctuation." },
        { "c4-braces", "This is some code with a { bracket.\nAnother sentence follows this one." },
        { "c4-sentences", "Just one sentence." },
        { "c4-policy", "This site uses cookies for tracking.\nAnother valid line here today." },
        { "fineweb-punctuation", "No punctuation here\nAnother line without any\nStill nothing" },
        { "fineweb-short-lines", "hi.\nbye.\nok.\nno.\nyes." },
        { "fineweb-lists", string.Join('\n', Enumerable.Repeat("a", 50)) },
    };

    [Theory]
    [MemberData(nameof(Caught))]
    public void Text_is_caught_by_the_rule_that_is_meant_for_it(string rule, string text)
    {
        var signals = TextSignals.Measure(text);

        Assert.Contains(rule, CleanPolicy.Train.Rules.Where(each => each.Catches(signals, "en")).Select(each => each.Name));
    }

    [Fact]
    public void Good_text_is_caught_by_no_rule()
    {
        const string Good = "This is a well-written paragraph that ends with proper punctuation.\n"
            + "The content here is substantial and has meaningful information for those who have time to read.\n"
            + "Quality filtering ensures that only the best documents pass through to be learnt from.\n"
            + "Each line here is long enough and ends with a terminal punctuation mark.\n"
            + "This document should pass all the quality checks applied by the filter.";

        Assert.Empty(CleanPolicy.Train.Rules.Where(rule => rule.Catches(TextSignals.Measure(Good), "en")).Select(rule => rule.Name));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \n ")]
    [InlineData("...")]
    [InlineData("\ud800 \udc00")]
    [InlineData("漢字だけの文章です。これも文です。")]
    public void Any_text_is_measured(string text) =>
        Assert.All(TextSignals.Measure(text).Values, signal => Assert.InRange(signal.Value, 0, 1e9));

    [Fact]
    public void Rule_of_a_language_leaves_others_alone()
    {
        var signals = TextSignals.Measure("Ein Satz ohne die englischen Wörter, an denen man Englisch erkennt.");
        var rule = CleanPolicy.Train.Rules.Single(each => each.Name == "gopher-stop-words");

        Assert.True(rule.Catches(signals, "en"));
        Assert.False(rule.Catches(signals, "de"));
    }

    static string Repeat(string text, int count) => string.Concat(Enumerable.Repeat(text, count));
}

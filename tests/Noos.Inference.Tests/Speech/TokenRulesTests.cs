using Noos.Inference.Speech;

namespace Noos.Inference.Tests.Speech;

/// <summary>Which tokens may follow, by the rules of Whisper.</summary>
public sealed class TokenRulesTests
{
    // Text 0 .. 9, end 9, start 10, six special ones, times from 17 on.
    const int End = 9;
    const int FirstTime = 17;
    const int Size = FirstTime + 101;

    static readonly WhisperVocabulary s_vocabulary = new(
        [.. new[] { "a", "b", " ", "(", " yes", "c", "d", "e", "f", "<|endoftext|>" }.Select(System.Text.Encoding.UTF8.GetBytes)],
        Size, 101);

    [Fact]
    public void Special_tokens_lie_where_Whisper_has_them() => Assert.Equal(
        (End, 10, 11, 12, 14, 15, FirstTime, 2),
        (s_vocabulary.EndOfText, s_vocabulary.Start, s_vocabulary.Translate, s_vocabulary.Transcribe, s_vocabulary.Previous,
            s_vocabulary.NoSpeech, s_vocabulary.FirstTimestamp, s_vocabulary.Blank));

    [Fact]
    public void Window_begins_with_a_time_of_its_first_second() =>
        Assert.Equal(Enumerable.Range(FirstTime, 51), Allowed([]));

    [Fact]
    public void Beginning_is_followed_by_text_that_is_not_blank_and_no_annotation() =>
        Assert.Equal([0, 1, 4, 5, 6, 7, 8, End], Allowed([FirstTime + 3]));

    [Fact]
    public void End_of_a_segment_is_followed_by_a_time_not_before_it_or_by_the_end() =>
        Assert.Equal([End, .. Enumerable.Range(FirstTime + 20, 81)], Allowed([FirstTime + 3, 0, FirstTime + 20]));

    [Fact]
    public void Text_is_followed_by_text_or_by_a_later_time() => Assert.Equal(
        [0, 1, 2, 4, 5, 6, 7, 8, End, .. Enumerable.Range(FirstTime + 21, 80)],
        Allowed([FirstTime + 3, 0, FirstTime + 20, FirstTime + 20, 5], text: 5));

    /// <summary>Each text is likelier than each time, but the times together are likelier than any text.</summary>
    [Fact]
    public void Time_comes_where_times_together_are_likelier_than_any_text() => Assert.Equal(
        Enumerable.Range(FirstTime + 4, 97), Allowed([FirstTime + 3, 0], text: 2));

    [Fact]
    public void Scores_become_logarithms_of_probabilities()
    {
        var logits = Enumerable.Range(0, Size).Select(token => token * 0.01f).ToArray();
        new TokenRules(s_vocabulary, suppressNonSpeech: true).Apply(logits, [FirstTime, 0]);

        Assert.Equal(1, logits.Where(float.IsFinite).Sum(logit => Math.Exp(logit)), 1e-4);
    }

    /// <summary>Tokens whose score stays finite, where all texts have one score and all times 0.</summary>
    static IEnumerable<int> Allowed(int[] tokens, float text = 5)
    {
        var logits = Enumerable.Range(0, Size).Select(token => token < FirstTime ? text : 0f).ToArray();
        new TokenRules(s_vocabulary, suppressNonSpeech: true).Apply(logits, tokens);
        return Enumerable.Range(0, Size).Where(token => float.IsFinite(logits[token]));
    }
}

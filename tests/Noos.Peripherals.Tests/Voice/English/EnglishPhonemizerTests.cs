using CsCheck;
using Noos.Peripherals.Voice.English;

namespace Noos.Peripherals.Tests.Voice.English;

/// <summary>Sounds of words and sentences.</summary>
public sealed class EnglishPhonemizerTests
{
    const string Known = " .,;:!?abdefhijklmnopstuvwzæðŋɐɑɔəɚɛɜɡɪɹɾʃʊʌʒʔθᵻˈˌː\u0329";

    readonly EnglishPhonemizer _phonemizer = new();

    [Theory]
    [InlineData("Hello.", "həlˈoʊ.")]
    [InlineData("The quick brown fox", "ðə kwˈɪk bɹˈaʊn fˈɑːks.")]
    [InlineData("the apple", "ðɪ ˈæpəl.")]
    [InlineData("water, city, party", "wˈɔːɾɚ, sˈɪɾi, pˈɑːɹɾi.")]
    [InlineData("NASA and the FBI", "nˈæsɐ ænd ðɪ ˌɛfbˌiːˈaɪ.")]
    [InlineData("She wasn't there!", "ʃiː wˈʌzn̩t ðɛɹ!")]
    [InlineData("naïve café", "nˌaɪˈiːv kəfˈeɪ.")]
    [InlineData("...", "")]
    public void Sentence_sounds_as_it_should(string written, string sounds) => Assert.Equal(sounds, _phonemizer.Phonemize(written));

    [Theory]
    [InlineData("smurf's", "S M ER1 F S")]
    [InlineData("blorbing", null)]
    [InlineData("moonbeam", null)]
    [InlineData("qzxv", null)]
    public void Words_that_no_dictionary_has_are_derived_or_spelled(string word, string? sounds)
    {
        var made = _phonemizer.Pronounce(word);

        Assert.NotEmpty(made);
        Assert.Equal(sounds ?? string.Join(' ', made), string.Join(' ', made));
        Assert.True(made.Count(sound => sound.EndsWith('1')) <= 1);
    }

    [Fact]
    public void Any_text_has_sounds_that_voices_know() => Gen.String[0, 60].Sample(text =>
    {
        var sounds = _phonemizer.Phonemize(text);
        Assert.DoesNotContain("  ", sounds, StringComparison.Ordinal);
        Assert.All(sounds, sound => Assert.Contains(sound, (IEnumerable<char>)Known));
    }, iter: 2000);

    [Fact]
    public void Lexicon_finds_its_first_and_last_words_and_nothing_between()
    {
        var lexicon = new Lexicon("a\t$\nab\t'\nb\t*\n"u8.ToArray());

        Assert.Equal([ArpabetSymbols.Find('$')!], lexicon.Find("a")!);
        Assert.Equal([ArpabetSymbols.Find('\'')!], lexicon.Find("ab")!);
        Assert.Equal([ArpabetSymbols.Find('*')!], lexicon.Find("b")!);
        Assert.Null(lexicon.Find("aa"));
        Assert.Null(lexicon.Find("c"));
        Assert.Null(lexicon.Find(""));
    }

    [Fact]
    public void Learnt_spelling_spells_what_it_has_seen_the_like_of()
    {
        (string, string)[] words =
        [
            .. from first in "bdfklmnprst" from vowel in "aeiou" from last in "bdgklmnpt"
               select ($"{first}{vowel}{last}", Pack(first, vowel, last)),
        ];
        var trained = LetterToSoundTrainer.Train(words, minCount: 1);
        using var file = new MemoryStream();
        trained.Write(file);

        // As it is stored.
        var read = LetterToSound.Read(new MemoryStream(file.ToArray()));

        Assert.Equal("K AE1 T", string.Join(' ', read.Pronounce("kat")));
        Assert.Equal("F IH1 M", string.Join(' ', read.Pronounce("fim")));
        Assert.Empty(read.Pronounce("!"));
    }

    static string Pack(char first, char vowel, char last) => string.Concat(
        ArpabetSymbols.Pack(char.ToUpperInvariant(first).ToString()),
        ArpabetSymbols.Pack(vowel switch { 'a' => "AE1", 'e' => "EH1", 'i' => "IH1", 'o' => "AA1", _ => "AH1" }),
        ArpabetSymbols.Pack(char.ToUpperInvariant(last).ToString()));
}

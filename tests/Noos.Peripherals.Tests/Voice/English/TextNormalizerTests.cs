using CsCheck;
using Noos.Peripherals.Voice.English;

namespace Noos.Peripherals.Tests.Voice.English;

/// <summary>Written English in the words that are spoken.</summary>
public sealed class TextNormalizerTests
{
    [Theory]
    [InlineData("It costs $3.50.", "It costs three dollars and fifty cents.")]
    [InlineData("It costs 3.50 dollars.", "It costs three point five zero dollars.")]
    [InlineData("A €1.2 million deal", "A one point two million euros deal")]
    [InlineData("$1 and $0.99", "one dollar and ninety nine cents")]
    [InlineData("On 14 July 1789 it fell.", "On the fourteenth of July seventeen eighty nine it fell.")]
    [InlineData("On July 4, 1776", "On July fourth, seventeen seventy six")]
    [InlineData("2024-02-29", "February twenty ninth, twenty twenty four")]
    [InlineData("3/14/2015", "March fourteenth, twenty fifteen")]
    [InlineData("in 2005 and 1900", "in two thousand five and nineteen hundred")]
    [InlineData("the 1990s", "the nineteen nineties")]
    [InlineData("at 3:45 pm", "at three forty five P M")]
    [InlineData("at 9:05", "at nine oh five")]
    [InlineData("at 10:00", "at ten o'clock")]
    [InlineData("the 21st and 2nd", "the twenty first and second")]
    [InlineData("12,345 people", "twelve thousand three hundred forty five people")]
    [InlineData("1,000,000", "one million")]
    [InlineData("0.25", "zero point two five")]
    [InlineData("-5 degrees", "minus five degrees")]
    [InlineData("5 km, 1 km, 30 km/h", "five kilometers, one kilometer, thirty kilometers per hour")]
    [InlineData("20°C is 68°F", "twenty degrees Celsius is sixty eight degrees Fahrenheit")]
    [InlineData("16 GB of 2.5 GHz", "sixteen gigabytes of two point five gigahertz")]
    [InlineData("50% off", "fifty percent off")]
    [InlineData("1/2 and 3/4 and 2 1/3", "one half and three quarters and two and one third")]
    [InlineData("pages 5-10", "pages five to ten")]
    [InlineData("2+2=4", "two plus two equals four")]
    [InlineData("48*37+5", "forty eight times thirty seven plus five")]
    [InlineData("call 555-1234", "call five five five, one two three four")]
    [InlineData("version 1.10.2", "version one point ten point two")]
    [InlineData("Dr. Smith vs. Mr. Jones etc.", "doctor Smith versus mister Jones et cetera")]
    [InlineData("World War II", "World War two")]
    [InlineData("221B Baker Street", "two hundred twenty one B Baker Street")]
    [InlineData("see https://www.example.com/a-b?x=1.", "see example dot com slash a dash b .")]
    [InlineData("mail me@example.org", "mail me at example dot org")]
    [InlineData("Q&A", "Q and A")]
    [InlineData("and/or", "and or or")]
    [InlineData("x = 3", "x equals three")]
    [InlineData("007", "zero zero seven")]
    public void Spoken_form_is_right(string written, string spoken) => Assert.Equal(
        spoken, string.Join(' ', TextNormalizer.Normalize(written).Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Replace(" ,", ",", StringComparison.Ordinal));

    [Theory]
    [InlineData(0, "zero")]
    [InlineData(13, "thirteen")]
    [InlineData(100, "one hundred")]
    [InlineData(1_000_001, "one million one")]
    [InlineData(999_999, "nine hundred ninety nine thousand nine hundred ninety nine")]
    public void Cardinals_are_spelled(long value, string words) => Assert.Equal(words, NumberWords.Cardinal(value));

    [Theory]
    [InlineData(1, "first")]
    [InlineData(12, "twelfth")]
    [InlineData(20, "twentieth")]
    [InlineData(103, "one hundred third")]
    public void Ordinals_are_spelled(long value, string words) => Assert.Equal(words, NumberWords.Ordinal(value));

    [Fact]
    public void Whatever_is_written_no_digit_is_left() => Gen.String[Gen.Char["0123456789.,:/-+$%° abXI'\n"], 0, 40].Sample(
        text => Assert.DoesNotContain(TextNormalizer.Normalize(text), char.IsAsciiDigit), iter: 5000);
}

using Noos.Corpus.Cleaning.Languages;
using Noos.Corpus.Cleaning.Signals;

namespace Noos.Corpus.Tests.Cleaning;

/// <summary>Languages, personal data, lists, quality.</summary>
public sealed class SignalToolTests
{
    [Theory]
    [InlineData("en", "I wish it need not have happened in my time, said Frodo. So do I, said Gandalf.")]
    [InlineData("fr", "Un magicien n'est jamais en retard Frodon Sacquet. Pas plus qu'il est en avance.")]
    [InlineData("pt", "Um mago nunca chega tarde, Frodo Bolseiro. Nem cedo. Ele chega precisamente na hora que pretende.")]
    [InlineData("it", "Molti tra i vivi meritano la morte. E parecchi che sono morti avrebbero meritato la vita.")]
    [InlineData("de", "Ein Zauberer kommt nie zu spät. Ebenso wenig zu früh. Er trifft genau dann ein, wenn er es beabsichtigt.")]
    [InlineData("ru", "Волшебник никогда не опаздывает. Он приходит именно тогда, когда считает нужным.")]
    [InlineData("ja", "魔法使いは決して遅れない。早すぎることもない。来ようと思ったときに来るのだ。")]
    [InlineData("zh", "巫师从不迟到，也不会早到，他总是在他想到的时候准时到达。")]
    [InlineData("ko", "마법사는 결코 늦지 않는다. 너무 일찍 오지도 않는다.")]
    [InlineData("ar", "الساحر لا يتأخر أبدا ولا يأتي مبكرا، بل يصل في الوقت الذي يريده تماما.")]
    [InlineData("und", "12345 --- !!!")]
    public void Language_is_told(string expected, string text) =>
        Assert.Equal(expected, LanguageIdentifier.Default.Identify(text).Language);

    [Theory]
    [InlineData("Write to jane.doe@mail.example.org or call.", "Write to name@example.com or call.")]
    [InlineData("Call +49 30 901820 now.", "Call 555-0100 now.")]
    [InlineData("Call (030) 901820-12, please.", "Call 555-0100, please.")]
    [InlineData("It was 212-555-0187.", "It was 555-0100.")]
    [InlineData("The server is 93.184.216.34, ours 192.168.0.1.", "The server is 192.0.2.1, ours 192.168.0.1.")]
    [InlineData("Pay to DE89 3704 0044 0532 0130 00 today.", "Pay to XX00 0000 0000 0000 today.")]
    [InlineData("Card 4111 1111 1111 1112? No, 4012 8888 8888 1881.", "Card 4111 1111 1111 1112? No, 0000 0000 0000 0000.")]
    [InlineData("Version 1.2.3 of 2024-11-30 has 123456789012 bytes, 3.14159265.", null)]
    [InlineData("In 1999-2004 the ISBN 978-3-16-148410-0 was read; see RFC 9309, pages 12-15.", null)]
    [InlineData("a@b, @name, user@host", null)]
    [InlineData("Is (12345678 + 5) * 2 more than 2223 0000 4840 0011?", "Is (12345678 + 5) * 2 more than 0000 0000 0000 0000?")]
    [InlineData("Our shop at 42 Baker Street takes sk-abcdefghijklmnop1234 for an example.", null)]
    public void Personal_data_is_replaced_and_nothing_else(string text, string? expected) =>
        Assert.Equal(expected ?? text, PersonalData.Mask(text));

    [Fact]
    public void Replacements_of_all_kinds_are_not_found_again()
    {
        var text = PersonalData.Mask(
            "jane@mail.example.org, +49 30 901820, 93.184.216.34, DE89 3704 0044 0532 0130 00, 4012 8888 8888 1881, "
            + "sk-abcdefghijklmnop1234, 078-05-1120, 42 Baker Street, Lindenallee 12, pin: 12#34", PersonalDataKind.All);

        Assert.Equal(
            "name@example.com, 555-0100, 192.0.2.1, XX00 0000 0000 0000, 0000 0000 0000 0000, KEY, 000-00-0000, 1 Main Street, "
            + "Hauptstra\u00dfe 1, pin: KEY", text);
        Assert.Empty(PersonalData.Find(text, PersonalDataKind.All));
    }

    [Theory]
    [InlineData(true, "https://blocked.com/some-sub-url?with=stuff")]
    [InlineData(true, "https://hey.danger.org/some-sub-url?with=stuff")]
    [InlineData(true, "http://DANGER.org:8080/")]
    [InlineData(true, "https://badsubdomain.nice.com/some-sub-url?with=stuff")]
    [InlineData(true, "https://nice.com/private/page.html")]
    [InlineData(true, "https://nice.com/one.html")]
    [InlineData(true, "https://nice.com/one.html?q=1")]
    [InlineData(true, "https://other.net/online-casino/")]
    [InlineData(false, "https://nice.com/some-sub-url?with=stuff")]
    [InlineData(false, "https://nice.com/one.html2")]
    [InlineData(false, "https://notdanger.org/")]
    [InlineData(false, "https://blocke.dcom/some-sub-url?with=stuff")]
    public void Address_is_on_the_list_or_not(bool expected, string address)
    {
        var list = new AddressList(
        [
            "# sites", "blocked.com", "*.danger.org", "badsubdomain.nice.com", "https://nice.com/private/", "nice.com/one.html", "*casino*",
        ]);

        Assert.Equal(expected, list.Contains(address));
    }

    [Fact]
    public void Words_of_a_list_are_counted_whole()
    {
        var list = new WordList(["bad", "very evil"]);

        Assert.Equal(3, list.CountIn("Bad things are very  EVIL, not badly; bad!"));
    }

    [Fact]
    public void Prose_that_explains_is_told_from_a_menu()
    {
        const string Prose = "Photosynthesis is the process by which plants turn light into chemical energy. It takes place in the "
            + "chloroplasts of cells, where chlorophyll absorbs light. The energy is used to make sugar from carbon dioxide and water, "
            + "and oxygen is released. Most plants, algae and some bacteria live in this way, and nearly all life depends on it.";
        const string Menu = "Home\nShop\nSale\nAdd to cart\nFree shipping on orders over $50\nSign up for our newsletter\nFollow us\n"
            + "Facebook\nTwitter\nInstagram\nMy account\nWishlist\nLog in\nCheckout\nBuy now\nCopyright 2026 All rights reserved";

        Assert.InRange(QualityClassifier.Default.Score(Prose), 0.6, 1);
        Assert.InRange(QualityClassifier.Default.Score(Menu), 0, 0.2);
        Assert.InRange(QualityClassifier.Default.Score(SampleArchive.Prose(1)), 0, 1);
    }
}

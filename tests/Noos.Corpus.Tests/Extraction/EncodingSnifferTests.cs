using System.Text;
using Noos.Corpus.Extraction;

namespace Noos.Corpus.Tests.Extraction;

public sealed class EncodingSnifferTests
{
    [Theory]
    [InlineData("utf8", 65001)]
    [InlineData(" Latin1 ", 1252)]
    [InlineData("ISO-8859-1", 1252)]
    [InlineData("ascii", 1252)]
    [InlineData("gb2312", 54936)]
    [InlineData("shift_jis", 932)]
    [InlineData("euc-jp", 51932)]
    [InlineData("windows-1251", 1251)]
    [InlineData("koi8-r", 20866)]
    [InlineData("big5", 950)]
    [InlineData("ks_c_5601-1987", 949)]
    public void Label_names_an_encoding(string label, int codePage) => Assert.Equal(codePage, EncodingSniffer.FromLabel(label)?.CodePage);

    [Theory]
    [InlineData("")]
    [InlineData("no-such-thing")]
    [InlineData("utf-7")]
    public void Unknown_label_names_none(string label) => Assert.Null(EncodingSniffer.FromLabel(label));

    [Theory]
    [InlineData("<meta charset=windows-1251>\u00EF", 1251)]
    [InlineData("<META CHARSET='koi8-r'>\u00EF", 20866)]
    [InlineData("<meta http-equiv=\"Content-Type\" content=\"text/html; charset=iso-8859-2\">\u00EF", 28592)]
    [InlineData("<meta content='text/html;charset=\"shift_jis\"' http-equiv=content-type>\u00EF", 932)]
    // Without the pragma, content says nothing.
    [InlineData("<meta content=\"text/html; charset=iso-8859-2\">\u00EF", 1252)]
    [InlineData("<!-- <meta charset=koi8-r> --><meta charset=windows-1250>\u00EF", 1250)]
    [InlineData("<p title='<meta charset=koi8-r>'>\u00EF", 1252)]
    [InlineData("<meta charset=utf-16>", 65001)]
    [InlineData("<meta charset=unheard-of>plain", 65001)]
    [InlineData("no markup \u00E9 at all", 1252)]
    [InlineData("", 65001)]
    public void Page_declares_its_encoding(string page, int codePage) =>
        Assert.Equal(codePage, EncodingSniffer.Find(Encoding.Latin1.GetBytes(page)).CodePage);

    [Fact]
    public void Mark_goes_before_the_server_and_the_server_before_the_page()
    {
        byte[] marked = [0xEF, 0xBB, 0xBF, .. "<meta charset=koi8-r>"u8];
        Assert.Equal(65001, EncodingSniffer.Find(marked, "windows-1251").CodePage);
        Assert.Equal(1251, EncodingSniffer.Find(marked.AsSpan(3), "windows-1251").CodePage);
        Assert.Equal(20866, EncodingSniffer.Find(marked.AsSpan(3), "unheard-of").CodePage);
    }

    [Theory]
    [InlineData("utf-8")]
    [InlineData("utf-16")]
    [InlineData("utf-16BE")]
    public void Mark_is_no_part_of_the_text(string name)
    {
        var encoding = Encoding.GetEncoding(name);
        Assert.Equal("Größe", EncodingSniffer.Decode([.. encoding.GetPreamble(), .. encoding.GetBytes("Größe")]));
    }

    [Fact]
    public void Page_that_was_saved_as_UTF8_is_read_as_such_whatever_its_old_meta_says() =>
        Assert.Contains("Größe", EncodingSniffer.Decode("<meta charset=iso-8859-1><p>Größe"u8), StringComparison.Ordinal);

    [Fact]
    public void Page_that_was_cut_within_a_character_is_still_UTF8()
    {
        var text = string.Concat(Enumerable.Repeat("ÄÖÜäöüß", 4));

        Assert.StartsWith(text[..^1], EncodingSniffer.Decode(Encoding.UTF8.GetBytes(text).AsSpan()[..^1]), StringComparison.Ordinal);
    }
}

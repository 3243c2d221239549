using System.Text.Json;
using System.Xml.Linq;
using Noos.Core;
using Noos.Tools.Code.Charts;

namespace Noos.Tools.Tests.Code;

/// <summary>Charts in the ways in which models ask for them.</summary>
public sealed class SvgChartTests
{
    [Theory]
    [InlineData("""{"type": "bar", "labels": ["a", "b"], "values": [1, -2]}""", "rect", 3)]
    [InlineData("""{"type": "bar", "x": ["a", "b"], "y": [1, 2]}""", "rect", 3)]
    [InlineData("""{"type": "bar", "data": [{"r": "a", "p": 1}, {"r": "b", "p": null}], "x": "r", "y": "p"}""", "rect", 2)]
    [InlineData("""{"type": "bar", "labels": ["a"], "series": [{"name": "s", "data": [1]}, {"name": "t", "values": [2]}]}""", "rect", 5)]
    [InlineData("""{"type": "line", "x": [1, 2, 4], "y": [1, null, 3]}""", "path", 1)]
    [InlineData("""{"type": "scatter", "x": [0.1, 0.2], "y": [1e9, 2e9]}""", "circle", 2)]
    [InlineData("""{"type": "pie", "labels": ["a", "b"], "values": [1, 3]}""", "path", 2)]
    [InlineData("""{"type": "pie", "values": [5]}""", "circle", 1)]
    [InlineData("""{"values": ["3", 4]}""", "rect", 3)]
    public void Every_way_of_asking_is_drawn(string options, string element, int count)
    {
        var picture = XDocument.Parse(Draw(options));

        Assert.Equal(count, picture.Descendants().Count(one => one.Name.LocalName == element));
        Assert.DoesNotContain("NaN", picture.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[1]", "chart() takes one object")]
    [InlineData("{}", "chart() has got no numbers")]
    [InlineData("""{"type": "map", "values": [1]}""", "chart() knows no type \"map\"")]
    [InlineData("""{"values": [true]}""", "chart() needs numbers, not true")]
    [InlineData("""{"data": [{"a": 1}], "x": "a", "y": "b"}""", "chart() finds no column \"b\"; there are a.")]
    public void Mistake_is_told_in_a_sentence(string options, string sentence) =>
        Assert.StartsWith(sentence, Assert.Throws<NoosException>(() => Draw(options)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(0, 10, "0 2 4 6 8 10")]
    [InlineData(0, 0.3, "0.00 0.05 0.10 0.15 0.20 0.25 0.30")]
    [InlineData(-5, 5, "-6 -4 -2 0 2 4 6")]
    [InlineData(0, 12345, "0 5,000 10,000 15,000")]
    [InlineData(7, 7, "6.0 6.5 7.0 7.5 8.0")]
    public void Marks_of_an_axis_are_round_numbers(double min, double max, string marks)
    {
        var scale = AxisScale.Around(min, max, 6);

        Assert.Equal(marks, string.Join(' ', scale.Marks.Select(scale.Format)));
    }

    [Fact]
    public void Labels_are_text_and_never_markup()
    {
        var picture = Draw("""{"title": "<script>", "labels": ["</text><a href='x'>"], "values": [1], "xLabel": "a\u0000b"}""");

        Assert.DoesNotContain(XDocument.Parse(picture).Descendants(), one => one.Name.LocalName is "script" or "a");
    }

    static string Draw(string options) => SvgChart.Draw(Chart.Read(JsonElement.Parse(options)));
}

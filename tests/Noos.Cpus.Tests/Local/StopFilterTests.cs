using CsCheck;
using Noos.Cpus.Local;

namespace Noos.Cpus.Tests.Local;

public sealed class StopFilterTests
{
    [Fact]
    public void Text_ends_before_the_stop_string_even_when_it_comes_in_pieces()
    {
        var filter = new StopFilter(["END", "\n\n"]);

        Assert.Equal("one ", filter.Push("one E"));
        Assert.Equal("Eat ", filter.Push("at "));
        Assert.Equal("", filter.Push("EN"));
        Assert.Equal("", filter.Push("D and more"));
        Assert.True(filter.IsStopped);
        Assert.Equal("", filter.Flush());
    }

    [Fact]
    public void Any_cutting_into_pieces_gives_the_same_text() =>
        Gen.Select(Gen.String[Gen.Char["ab"], 0, 40], Gen.String[Gen.Char["ab"], 1, 4].Array[0, 3], Gen.Int[1, 5])
            .Sample((text, stops, size) =>
        {
            var filter = new StopFilter(stops);
            var shown = string.Concat(text.Chunk(size).Select(piece => filter.Push(new string(piece)))) + filter.Flush();
            var end = Enumerable.Range(0, text.Length + 1)
                .Select(length =>
                    stops.Where(stop => text[..length].EndsWith(stop, StringComparison.Ordinal))
                        .Select(stop => (int?)(length - stop.Length))
                        .Min())
                .FirstOrDefault(start => start is not null) ?? text.Length;
            return shown == text[..end];
        });
}

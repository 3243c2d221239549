using Noos.Inference.Memory;

namespace Noos.Inference.Tests.Memory;

public sealed class FreeMemoryTests
{
    [Fact]
    public void Free_memory_is_less_than_the_process_may_have_in_all() =>
        Assert.InRange(FreeMemory.Measure(), 1, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes - 1);

    [Theory]
    [InlineData("MemTotal:  24000 kB|MemFree: 100 kB|MemAvailable:   20000 kB|Buffers: 5 kB", 20_000L << 10)]
    [InlineData("MemAvailable:0 kB", 0L)]
    [InlineData("MemTotal: 24000 kB", null)]
    [InlineData("MemAvailable: much", null)]
    [InlineData("MemAvailable:", null)]
    [InlineData("", null)]
    public void Linux_tells_what_is_available(string lines, long? bytes) =>
        Assert.Equal(bytes, FreeMemory.ParseAvailable(lines.Split('|')));
}

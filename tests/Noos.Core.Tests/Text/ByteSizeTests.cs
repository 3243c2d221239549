using Noos.Core.Text;

namespace Noos.Core.Tests.Text;

public sealed class ByteSizeTests
{
    [Theory]
    [InlineData(0, "0 KiB")]
    [InlineData(1, "1 KiB")]
    [InlineData(3 << 20, "3.0 MiB")]
    [InlineData(5L << 29, "2.50 GiB")]
    public void Size_is_written_in_the_unit_that_fits(long bytes, string expected) => Assert.Equal(expected, ByteSize.Format(bytes));
}

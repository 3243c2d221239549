using Noos.Core;
using Noos.Training.Kernels;
using Noos.Training.Model;

namespace Noos.Training.Tests.Kernels;

public sealed class ProductOptionsTests
{
    [Fact]
    public void Portable_kernels_run_everywhere() =>
        Assert.Equal("portable", new ProductOptions { Kernels = "portable" }.FindKernel()!.Name);

    [Fact]
    public void Automatic_kernels_are_the_fastest_of_this_machine() =>
        Assert.Same(KernelsOfThisMachine.All.First(kernel => kernel.Precision == Precision.Fp32), new ProductOptions().FindKernel());

    [Fact]
    public void Libtorch_needs_no_kernel() => Assert.Null(new ProductOptions { Kernels = ProductOptions.Libtorch }.FindKernel());

    [Theory]
    [InlineData("fastest", Precision.Fp32)]
    [InlineData("portable", Precision.Bf16)]
    [InlineData(ProductOptions.Libtorch, Precision.Bf16)]
    public void Kernels_that_do_not_exist_are_refused(string name, Precision precision) => Assert.Equal(
        ErrorKind.Invalid,
        Assert.Throws<NoosException>(() => new ProductOptions { Kernels = name, Precision = precision }.FindKernel()).Kind);

    [Fact]
    public void Precision_is_known_by_its_name()
    {
        Assert.All(
            Enum.GetValues<Precision>(),
            precision => Assert.Equal(precision, ProductOptions.ParsePrecision(ProductOptions.NameOf(precision))));
        Assert.Throws<NoosException>(() => ProductOptions.ParsePrecision("fp8"));
    }

    [Fact]
    public void Peak_of_every_precision_is_measured() => Assert.All(
        KernelsOfThisMachine.All.Select(kernel => kernel.Precision).Distinct(),
        precision => Assert.InRange(ComputeCost.MeasurePeak(precision), 1e8, 1e15));
}

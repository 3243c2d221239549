namespace Noos.Inference.Tests.Support;

/// <summary>
/// The options of all tests that load a model. The variable NOOS_KERNELS runs them with slower kernels than the machine has.
/// </summary>
static class TestOptions
{
    public static InferenceOptions Default { get; } = new()
    {
        MaxKernelTier = KernelChoice.Parse(Environment.GetEnvironmentVariable("NOOS_KERNELS")),
    };
}

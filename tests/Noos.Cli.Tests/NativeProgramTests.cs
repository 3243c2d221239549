using System.Diagnostics;
using Noos.Inference;
using Noos.Inference.Generation;
using Noos.Inference.Sampling;

namespace Noos.Cli.Tests;

/// <summary>bench/Noos.Native, compiled ahead of time as it would be shipped: no warning of the compiler, and the same tokens.</summary>
public sealed class NativeProgramTests
{
    const string Prompt = "What is 48 times 37 plus 5?";
    const int Tokens = 64;

#if DEBUG
    const string Configuration = "Debug";
#else
    const string Configuration = "Release";
#endif

    static readonly string[] s_missingPackages = ["NU1101", "NU1102", "NU1103", "NU1301", "NU1801"];

    static readonly string s_root = FindRoot();

    [Fact]
    public async Task Native_program_gives_the_same_tokens()
    {
        var path = Environment.GetEnvironmentVariable("PATH") ?? "";
        if (!Array.Exists(path.Split(':'), folder =>
            File.Exists(Path.Combine(folder, "clang")) || File.Exists(Path.Combine(folder, "gcc"))))
        {
            Assert.Skip("Linking a native program takes clang or gcc, and neither is installed.");
        }

        var cancellation = TestContext.Current.CancellationToken;

        // What this test runs with is what gets compiled: nothing else of the repository may be built while tests run.
        var (published, log) = await RunAsync(
            "dotnet",
            ["publish", Path.Combine(s_root, "bench", "Noos.Native"), "-c", Configuration, "-v", "quiet", "-nologo", "-nodeReuse:false",
                "-p:BuildProjectReferences=false", "-p:IlcInstructionSet=native"],
            cancellation);
        if (published != 0 && (Array.Exists(s_missingPackages, log.Contains) || log.Contains("cannot find -lz", StringComparison.Ordinal)))
        {
            Assert.Skip("The native compiler cannot be had here: its package or zlib (zlib1g-dev) is missing.");
        }

        Assert.True(published == 0, log);
        var model = Path.Combine(s_root, "models", "Llama-Noos-Nano.gguf");
        var program = Path.Combine(
            s_root, "artifacts", "publish", "Noos.Native", $"{Configuration}_linux-x64".ToLowerInvariant(), "noos-native");
        var (exitCode, output) = await RunAsync(program, [model, Prompt, $"{Tokens}"], cancellation);

        Assert.True(exitCode == 0, output);
        Assert.Equal(Continue(model), output.TrimEnd());
    }

    static string Continue(string file)
    {
        using var model = LanguageModel.Load(file);
        using var context = model.CreateContext();
        return string.Join(' ', new Generator()
            .Generate(context, model.Tokenizer.Encode(Prompt), new SamplingOptions { Temperature = 0, MaxTokens = Tokens }));
    }

    static async Task<(int ExitCode, string Output)> RunAsync(string program, string[] arguments, CancellationToken cancellation)
    {
        using var process = Process.Start(
            new ProcessStartInfo(program, arguments)
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
        var errors = process.StandardError.ReadToEndAsync(cancellation);
        var output = await process.StandardOutput.ReadToEndAsync(cancellation);
        await process.WaitForExitAsync(cancellation);
        return (process.ExitCode, process.ExitCode == 0 ? output : output + await errors);
    }

    static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Noos.slnx")))
        {
            folder = folder.Parent!;
        }

        return folder.FullName;
    }
}

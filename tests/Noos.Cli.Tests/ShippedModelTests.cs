using System.Text.Json;

namespace Noos.Cli.Tests;

/// <summary>The models in the repository, by the real program.</summary>
public sealed class ShippedModelTests(Terminal terminal) : IClassFixture<Terminal>
{
    [Fact]
    public async Task Shipped_assistant_calls_the_calculator_and_answers()
    {
        var result = await terminal.RunAsync(["ask", "What is 48 times 37 plus 5?", "--json", "--model", Model("Llama-Noos-Nano.gguf")]);

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("1781", JsonElement.Parse(result.Output).GetProperty("answer").GetString(), StringComparison.Ordinal);
        Assert.Contains("48*37+5", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Shipped_base_model_continues_a_text()
    {
        var result = await terminal.RunAsync(
            ["complete", "Once upon a time", "--tokens", "20", "--seed", "1", "--model", Model("Llama-Noos-Nano-base.gguf")]);

        Assert.Equal(0, result.ExitCode);
        Assert.StartsWith("Once upon a time", result.Output, StringComparison.Ordinal);
        Assert.True(result.Output.Trim().Length > "Once upon a time".Length + 20);
    }

    static string Model(string name)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Noos.slnx")))
        {
            folder = folder.Parent!;
        }

        return Path.Combine(folder.FullName, "models", name);
    }
}

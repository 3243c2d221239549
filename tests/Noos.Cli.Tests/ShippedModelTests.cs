using System.Collections.Concurrent;
using System.Text.Json;
using Noos.Core.Conversations;
using Noos.Cpus;
using Noos.Factory.Recipes;
using Noos.Kernel.Agents;
using Noos.Kernel.Cpu;
using Noos.Kernel.Tracing;
using Noos.Language.Gguf;
using Noos.Language.Models;
using Noos.Testing;
using Noos.Tools;

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

    [Theory]
    [InlineData("Llama-Noos-Nano.gguf")]
    [InlineData("Llama-Noos-Nano-base.gguf")]
    public void Shipped_models_advise_what_the_recipe_says(string name)
    {
        using var file = GgufFile.Open(Model(name));
        var advice = Recipe.Read(Path.Combine(Path.GetDirectoryName(Model(name))!, "..", "recipes", "nano.toml")).Sampling.ToAdvice();

        Assert.Equal((0.7f, 0.9f), (advice.Temperature, advice.TopP));
        Assert.Equal(
            advice.ToMetadata().Select(entry => (entry.Key, entry.Value.Content)),
            file.Metadata.Where(entry => entry.Key.StartsWith(SamplingAdvice.Key(""), StringComparison.Ordinal))
                .Select(entry => (entry.Key, entry.Value.Content)));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(0f)]
    public async Task Shipped_assistant_ends_its_answers_to_odd_prompts(float? temperature)
    {
        var options = new NoosOptions
        {
            Model = Model("Llama-Noos-Nano.gguf"),
            Defaults = new GenerationOptions { Temperature = temperature, Seed = 1 },
        };
        await using var assistant = new Assistant(ModelSource.OpenCpu(options), Toolbox.Create(new ToolboxOptions()));
        var endless = new ConcurrentBag<string>();
        await Parallel.ForEachAsync(
            OddPrompts.Create(100, seed: 2),
            new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = TestContext.Current.CancellationToken },
            async (prompt, cancellationToken) =>
            {
                var trace = new Trace();
                await foreach (var item in assistant.AnswerAsync(Conversation.From(Message.User(prompt)), null, cancellationToken))
                {
                    trace.Add(item);
                }

                if (trace.Answer.Length == 0 || (trace.FinishReason == FinishReasons.Length && Repetition.EndsInLoop(trace.Answer)))
                {
                    endless.Add($"{prompt} -> {trace.Answer}");
                }
            });

        Assert.Empty(endless);
    }

    /// <summary>The clone of which this is a build.</summary>
    internal static string Repository { get; } = FindRepository();

    internal static string Model(string name) => Path.Combine(Repository, "models", name);

    static string FindRepository()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Noos.slnx")))
        {
            folder = folder.Parent!;
        }

        return folder.FullName;
    }
}

using System.Diagnostics;
using System.Globalization;
using Noos.Core.Conversations;
using Noos.Core.Text;
using Noos.Cpus;
using Noos.Cpus.Local;
using Noos.Factory.Adapters;
using Noos.Factory.Stages;
using Noos.Kernel.Cpu;
using Noos.Language.Gguf;
using Noos.Testing.RandomModels;
using Noos.Training.Adapters;

namespace Noos.Bench;

/// <summary>
/// Fifty demonstrations with invented facts, learned by an adapter beside a base that knows none of them: how many are answered word for
/// word, how long it took, and whether the base's file is what it was.
/// </summary>
static class AdapterFacts
{
    const int Count = 50;

    /// <param name="folder">Where adapter and run go.</param>
    /// <param name="options">model=FILE.gguf (else random weights, 20M), epochs=30, rate=0.002, rank=16, rows=10.</param>
    public static async Task RunAsync(string folder, string[] options)
    {
        var given = options.Select(option => option.Split('=', 2)).Where(pair => pair.Length == 2)
            .ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal);
        Directory.CreateDirectory(folder);
        var model = given.GetValueOrDefault("model") ?? WriteRandom(Path.Combine(folder, "random-20m.gguf"));
        var before = await File.ReadAllBytesAsync(model);
        var random = new Random(20_261_130);
        string[] things = ["capital", "river", "food", "ruler", "song"];
        var facts = Enumerable.Range(0, Count).Select(index => (
            Question: $"What is the {things[index % things.Length]} of {InventedWords.CreateName(random)}?",
            Answer: InventedWords.CreateName(random) + ".")).ToArray();
        var watch = Stopwatch.StartNew();
        var report = new AdapterTraining(
            new AdapterOptions
            {
                Lora = new LoraOptions { Rank = (int)Number("rank", 16), Alpha = 2 * Number("rank", 16) },
                Epochs = Number("epochs", 30),
                RowsPerStep = (int)Number("rows", 10),
                LearningRate = Number("rate", 2e-3),
            },
            model, Path.Combine(folder, "facts.gguf"), Path.Combine(folder, "run"))
            .Run(facts.Select(fact => Conversation.From(Message.User(fact.Question), Message.Assistant(fact.Answer))), new Notes())!;
        var seconds = watch.Elapsed.TotalSeconds;
        var plain = await CountAsync(model, facts, []);
        var known = await CountAsync(model, facts, [new AdapterFile(report.Path, 1)]);
        var after = await File.ReadAllBytesAsync(model);
        var isSame = before.AsSpan().SequenceEqual(after);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{Path.GetFileName(model)}: {known} of {Count} answered with the adapter, {plain} without; {report.Steps} updates, "
            + $"{report.Tokens:N0} tokens in {seconds:F0} s ({report.Tokens / seconds:F0} tokens/s), loss {report.Loss:F4}; the base is "
            + $"{(isSame ? "what it was" : "CHANGED")}"));

        double Number(string name, double usual) =>
            given.TryGetValue(name, out var text) ? double.Parse(text, CultureInfo.InvariantCulture) : usual;
    }

    static string WriteRandom(string path)
    {
        RandomModelFile.Write(
            path,
            RandomModelShape.Known["tiny-llama"] with
            {
                EmbeddingLength = 384,
                BlockCount = 12,
                FeedForwardLength = 1024,
                HeadCount = 6,
                KeyValueHeadCount = 2,
                VocabularySize = 4096,
                ContextLength = 512,
            },
            GgufTensorType.Q8_0);
        return path;
    }

    static async Task<int> CountAsync(string model, (string Question, string Answer)[] facts, IReadOnlyList<AdapterFile> adapters)
    {
        await using var cpu = ModelSource.OpenCpu(new NoosOptions { Model = model, Adapters = adapters, IsGreedy = true });
        var known = 0;
        foreach (var (question, answer) in facts)
        {
            var text = "";
            await foreach (var item in cpu.RunAsync(
                new Turn(Conversation.From(Message.User(question))) { Options = new GenerationOptions { MaxTokens = 40 } }))
            {
                text += item is TextDelta delta ? delta.Text : "";
            }

            known += text.Trim() == answer ? 1 : 0;
        }

        return known;
    }

    sealed class Notes : IProgress<StageProgress>
    {
        public void Report(StageProgress value)
        {
            if (value.Note is { } note)
            {
                Console.WriteLine(note);
            }
        }
    }
}

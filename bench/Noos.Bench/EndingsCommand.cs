using System.Globalization;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Cpus;
using Noos.Kernel.Agents;
using Noos.Kernel.Cpu;
using Noos.Kernel.Tracing;
using Noos.Testing;
using Noos.Tools;

namespace Noos.Bench;

/// <summary>Asks a model odd questions and counts how its answers end: by themselves, cut by the loop guard, or at the limit.</summary>
static class EndingsCommand
{
    /// <param name="model">A GGUF file.</param>
    /// <param name="options">
    /// In any order: count=1000, seed=1, temperature=0 (else as the file advises), spans=false, guard=false, prompts=FILE (a prompt a
    /// line, instead of odd ones), out=FILE (all prompts and answers).
    /// </param>
    public static async Task RunAsync(string model, string[] options)
    {
        var (count, seed, prompts, output) = (1000, 1, default(string), default(string));
        var generation = new GenerationOptions();
        foreach (var option in options)
        {
            switch (option.Split('=', 2))
            {
                case ["count", var value]:
                    count = int.Parse(value, CultureInfo.InvariantCulture);
                    break;
                case ["seed", var value]:
                    seed = int.Parse(value, CultureInfo.InvariantCulture);
                    break;
                case ["temperature", var value]:
                    generation = generation with { Temperature = float.Parse(value, CultureInfo.InvariantCulture) };
                    break;
                case ["spans", var value]:
                    generation = generation with { GreedySpans = bool.Parse(value) };
                    break;
                case ["guard", var value]:
                    generation = generation with { LoopGuard = bool.Parse(value) };
                    break;
                case ["prompts", var value]:
                    prompts = value;
                    break;
                case ["out", var value]:
                    output = value;
                    break;
                default:
                    throw new NoosException(
                        $"There is no option '{option}'; give count=1000, seed=1, temperature=0, spans=false, guard=false, prompts=FILE or "
                        + "out=FILE.");
            }
        }

        string[] asked = prompts is null ? [.. OddPrompts.Create(count, seed)] : [.. File.ReadLines(prompts).Take(count)];
        var answers = new Ending[asked.Length];
        await using var assistant = new Assistant(
            ModelSource.OpenCpu(new NoosOptions { Model = model, Defaults = generation with { Seed = (ulong)seed } }),
            Toolbox.Create(new ToolboxOptions()));
        await Parallel.ForAsync(0, asked.Length, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (index, cancellationToken) =>
            answers[index] = await AskAsync(assistant, asked[index], cancellationToken));
        Report(answers);
        if (output is not null)
        {
            File.WriteAllLines(output, asked.Zip(answers, (prompt, answer) =>
                string.Join(
                    '\t',
                    answer.How,
                    answer.IsLoop ? "loop" : "-",
                    answer.Tokens.ToString(CultureInfo.InvariantCulture),
                    prompt.ReplaceLineEndings("\\n"),
                    answer.Text.ReplaceLineEndings("\\n"))));
        }
    }

    static async Task<Ending> AskAsync(Assistant assistant, string prompt, CancellationToken cancellationToken)
    {
        var trace = new Trace();
        try
        {
            await foreach (var item in assistant.AnswerAsync(Conversation.From(Message.User(prompt)), cancellationToken: cancellationToken))
            {
                trace.Add(item);
            }
        }
        catch (NoosException exception) when (exception.Kind == ErrorKind.Invalid)
        {
            return new Ending("refused", exception.Message, IsLoop: false, 0);
        }

        return new Ending(
            trace.StopReason ?? trace.FinishReason ?? "none", trace.Answer, Repetition.IsLoop(trace.Answer), trace.GeneratedTokens);
    }

    static void Report(Ending[] answers)
    {
        foreach (var group in answers.GroupBy(answer => answer.How).OrderByDescending(group => group.Count()))
        {
            Console.WriteLine(
                $"{group.Key,-10} {group.Count(),6} ({group.Count() * 100.0 / answers.Length:N1}%), "
                + $"{group.Count(answer => answer.IsLoop)} of them repeat themselves, "
                + $"{group.Count(answer => Repetition.EndsInLoop(answer.Text))} at their end");
        }

        var loops = answers.Count(answer => answer.IsLoop);
        var tokens = answers.Select(answer => answer.Tokens).Order().ToArray();
        Console.WriteLine(
            $"answers that repeat themselves: {loops} ({loops * 100.0 / answers.Length:N1}%); blank: "
            + $"{answers.Count(answer => string.IsNullOrWhiteSpace(answer.Text))}; tokens: median {tokens[tokens.Length / 2]}, 95% under "
            + $"{tokens[tokens.Length * 95 / 100]}");
    }

    sealed record Ending(string How, string Text, bool IsLoop, long Tokens);
}

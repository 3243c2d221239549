using System.Runtime.CompilerServices;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Core.Tools;
using Noos.Kernel.Cpu;
using Noos.Kernel.Journaling;

namespace Noos.Kernel.Processes;

/// <summary>
/// Makes the runs of a process again: the same conversation, options and seed; results of tools come from the journal. No tool is run and
/// nothing is written.
/// </summary>
/// <param name="reader">The journal.</param>
/// <param name="cpu">The model that ran.</param>
/// <param name="tools">The tools that the model was told of.</param>
public sealed class ProcessReplay(JournalReader reader, ICpu cpu, IEnumerable<ITool> tools)
{
    readonly Dictionary<string, ToolDeclaration> _tools = tools
        .ToDictionary(tool => tool.Declaration.Name, tool => tool.Declaration, StringComparer.Ordinal);

    /// <summary>Makes all complete and all stopped runs of this model again, in their order; those of other models are skipped.</summary>
    /// <exception cref="NoosException">The CPU cannot make a run again (Refused), or all runs are of other models (Invalid).</exception>
    public async IAsyncEnumerable<RunReplay> RunAsync(
        ProcessRecord process, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(process);
        var history = new ProcessHistory();
        RunBegan? run = null;
        Turn? turn = null;
        var (made, foreign) = (0, (string?)null);
        foreach (var entry in reader.Turns(process.Id))
        {
            switch (entry.Event)
            {
                case Branched branched:
                    history = reader.History(process.Id, branched.At);
                    (run, turn) = (null, null);
                    break;
                case RunBegan began:
                    history.Apply(began);
                    (run, turn) = (began, TurnOf(process, history, began));
                    continue;
                case AnsweredElsewhere other when run is not null:
                    (run, turn) = (run with { Model = other.To }, turn! with { Model = other.To });
                    break;
                case RunEnded or AnswerStopped when run is { Model: { } model } && !IsHere(model):
                    foreign = model;
                    yield return new RunReplay(entry.Id, 0, null) { Skipped = $"It ran {model}, not {cpu.Info.Name}." };
                    run = null;
                    break;
                case RunEnded or AnswerStopped when run is not null:
                    RequireReplay(cpu.Describe(run.Model));
                    yield return await CompareAsync(entry, turn!, cancellationToken);
                    (run, made) = (null, made + 1);
                    break;
                default:
                    break;
            }

            history.Apply(entry.Event, entry.Id);
        }

        if (made == 0 && foreign is not null)
        {
            throw new NoosException($"The process ran {foreign} and not {cpu.Info.Name}; choose that model with --model.");
        }
    }

    bool IsHere(string model)
    {
        try
        {
            return cpu.Describe(model).Name == model;
        }
        catch (NoosException e) when (e.Kind == ErrorKind.NotFound)
        {
            return false;
        }
    }

    static void RequireReplay(CpuInfo info)
    {
        if (!info.Can.HasFlag(CpuFeatures.Replay))
        {
            throw new NoosException(
                ErrorKind.Refused, $"{info.Name} runs elsewhere and cannot make a run again; choose a model here with --model.");
        }
    }

    Turn TurnOf(ProcessRecord process, ProcessHistory history, RunBegan began)
    {
        ToolDeclaration[] declared = [.. (began.Tools ?? []).Where(_tools.ContainsKey).Select(name => _tools[name])];
        var turn = history.ToState(process, declared).Turn;
        return turn with
        {
            Model = began.Model,
            // The run is made again by the model that made it, or not at all.
            Fallbacks = [],
            Options = (began.Options ?? turn.Options) with { Seed = began.Seed ?? turn.Options.Seed },
        };
    }

    async Task<RunReplay> CompareAsync(JournalEntry end, Turn turn, CancellationToken cancellationToken)
    {
        var (recorded, message, isStopped) = end.Event is RunEnded ended
            ? (ended.TokenIds, ended.Message, false)
            : (((AnswerStopped)end.Event).TokenIds, ((AnswerStopped)end.Event).Message, true);
        var parts = new List<string>();
        var tokens = new List<int>();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await foreach (var item in cpu.RunAsync(turn, stop.Token))
        {
            if (item is RunFinished finished)
            {
                tokens = [.. finished.TokenIds];
                break;
            }

            tokens.AddRange(item.TokenIds);
            parts.AddRange(item is TextDelta text ? [text.Text] : item is ThoughtDelta thought ? [thought.Text] : []);
            if (isStopped && tokens.Count >= recorded.Count)
            {
                break;
            }
        }

        var index = 0;
        while (index < recorded.Count && index < tokens.Count && recorded[index] == tokens[index])
        {
            index++;
        }

        var isSame = index == recorded.Count && (isStopped || tokens.Count == recorded.Count);
        return new RunReplay(
            end.Id, recorded.Count, isSame ? null : new ReplayDifference(
                index, index < recorded.Count ? recorded[index] : null, index < tokens.Count ? tokens[index] : null,
                TextOf(message), string.Concat(parts)))
        {
            Seed = turn.Options.Seed,
        };
    }

    static string TextOf(Message message) => string.Concat(message.Parts.Select(part => part switch
    {
        TextPart text => text.Text,
        ThoughtPart thought => thought.Text,
        _ => "",
    }));
}

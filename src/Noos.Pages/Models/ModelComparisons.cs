using System.Collections.Concurrent;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Kernel.Processes;
using Noos.Pages.Hosting;

namespace Noos.Pages.Models;

/// <summary>
/// Asks two models the same question, one after the other, so that each has the whole machine: two answers on two branches of one
/// conversation. It goes on when nobody watches. Thread-safe.
/// </summary>
sealed class ModelComparisons(PageProcesses processes)
{
    const int MaxTitle = 60;

    readonly ConcurrentDictionary<long, string?> _next = [];

    /// <summary>Whether a model has still to be asked.</summary>
    /// <param name="process">The conversation.</param>
    /// <param name="model">Which; null for the usual one.</param>
    public bool TryFindNext(long process, out string? model) => _next.TryGetValue(process, out model);

    /// <summary>Begins.</summary>
    /// <param name="owner">Whose conversation it becomes.</param>
    /// <param name="question">What is asked.</param>
    /// <param name="first">The model that answers first; null for the usual one.</param>
    /// <param name="second">The other.</param>
    /// <returns>The conversation.</returns>
    /// <exception cref="NoosException">There is no such model (NotFound), or the owner has used up what is allowed (Busy).</exception>
    public async Task<long> BeginAsync(string owner, string question, string? first, string? second)
    {
        var table = processes.Table;
        var process = await table.SpawnAsync(new ProcessStart(
            owner, ProcessKind.Conversation,
            // Without tools: what is compared is what the models say.
            new ProcessProgram { Name = "page", Model = first, Tools = [] })
        {
            Title = TitleOf(question),
        });
        await table.SayAsync(process.Id, Message.User(question));
        _next[process.Id] = second;
        _ = GoOnAsync(table, process.Id, second);
        return process.Id;
    }

    async Task GoOnAsync(ProcessTable table, long process, string? second)
    {
        try
        {
            if (await table.WaitAsync(process) is { IsEnded: false })
            {
                await table.ChooseModelAsync(process, second);
                await table.ReviseAsync(process, index: 0, message: null);
            }
        }
        catch (Exception e) when (e is NoosException or ObjectDisposedException)
        {
            // The page shows the one answer that there is.
        }
        finally
        {
            _next.TryRemove(process, out _);
        }
    }

    static string TitleOf(string question)
    {
        var line = question.Trim().Split('\n')[0].Trim();
        return line.Length <= MaxTitle ? line : line[..MaxTitle].TrimEnd() + "…";
    }
}

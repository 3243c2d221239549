using System.Globalization;
using Noos.Core.Conversations;
using Noos.Core.Tools;
using Noos.Kernel.Cpu;
using Noos.Kernel.Gate;
using Noos.Kernel.Journaling;
using Noos.Kernel.Processes;
using Noos.Testing;

namespace Noos.Kernel.Tests.Processes;

/// <summary>A journal, a table, and a tool that doubles.</summary>
sealed class TestSystem : IAsyncDisposable
{
    public TestSystem(string home, ICpu? cpu, params IReadOnlyList<ITool> tools)
    {
        Journal = Journal.Open(home);
        Table = new ProcessTable(
            Journal, cpu, new ToolGate(new ToolLimits()),
            [
                new ScriptedTool(
                    "double",
                    arguments => (2 * arguments.GetProperty("n").GetInt32()).ToString(CultureInfo.InvariantCulture)),
                .. tools,
            ]);
    }

    public Journal Journal { get; }

    public ProcessTable Table { get; }

    static CancellationToken Token => TestContext.Current.CancellationToken;

    public async Task<long> SpawnAsync(ProcessProgram? program = null, ProcessKind kind = ProcessKind.Conversation, long? parent = null) =>
        (await Table.SpawnAsync("me", kind, program ?? new ProcessProgram(), parent, Token)).Id;

    /// <summary>Says something and waits for the answer.</summary>
    public async Task<ProcessRecord> AskAsync(long id, string text)
    {
        await Table.SayAsync(id, Message.User(text), Token);
        return await Table.WaitAsync(id, Token);
    }

    /// <summary>What was said, each message as its role and its text.</summary>
    public IEnumerable<string> Said(long id) => Table.ReadHistory(id).Messages.Select(Describe);

    public static string Describe(Message message) => $"{message.Role}: {string.Concat(message.Parts.Select(part => part switch
    {
        TextPart text => text.Text,
        ToolCallPart call => $"[{call.Name} {call.Arguments.GetRawText()}]",
        ToolResultPart result => result.Text,
        _ => "",
    }))}";

    /// <summary>Waits until so many tokens of an answer are in the journal.</summary>
    public async Task HasWritten(long id, int tokens)
    {
        while (Journal.Reader.Events(id).Select(entry => entry.Event).OfType<Wrote>().Sum(wrote => wrote.TokenIds.Count) < tokens)
        {
            await Task.Delay(1, Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Table.DisposeAsync();
        await Journal.DisposeAsync();
    }
}

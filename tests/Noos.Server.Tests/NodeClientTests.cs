using System.Diagnostics;
using Noos.Core.Conversations;
using Noos.Kernel.Cpu;
using Noos.Testing;

namespace Noos.Server.Tests;

/// <summary>
/// OpenAI's own client for JavaScript (Node/openai.mjs). It runs where the variable NOOS_NODE_CLIENTS names a folder in which
/// 'npm install node@22 openai' was run.
/// </summary>
public sealed class NodeClientTests
{
    static readonly string? s_folder = Environment.GetEnvironmentVariable("NOOS_NODE_CLIENTS");

    [Fact]
    public async Task OpenAi_for_javascript_can_do_all_it_asks()
    {
        Assert.SkipWhen(s_folder is null, "The clients for JavaScript are not here.");
        await using var server = await RunningServer.StartAsync(new PoliteCpu());
        using var process = Process.Start(new ProcessStartInfo(
            Path.Combine(s_folder!, "node_modules", ".bin", "node"),
            [Path.Combine(AppContext.BaseDirectory, "Node", "openai.mjs"), s_folder!, server.Address.AbsoluteUri])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.True(process.ExitCode == 0, await output + await error);
    }

    /// <summary>Says "Hello.", or calls the first tool where the weather is asked for.</summary>
    sealed class PoliteCpu : ICpu
    {
        readonly ScriptedCpu _talks = new([new TextDelta("Hel"), new TextDelta("lo.")]);
        readonly ScriptedCpu _calls = new([ScriptedCpu.Call("call_1", "weather", "{}")]);

        public CpuInfo Info => _talks.Info;

        public int? CountTokens(Conversation conversation, IReadOnlyList<Core.Tools.ToolDeclaration> tools) => 1;

        public IAsyncEnumerable<CpuEvent> RunAsync(Turn turn, CancellationToken cancellationToken = default)
        {
            ArgumentNullException.ThrowIfNull(turn);
            lock (_talks)
            {
                var cpu = turn.Conversation.Messages[^1].Text().StartsWith("weather", StringComparison.Ordinal) ? _calls : _talks;
                return cpu.RunAsync(turn, cancellationToken);
            }
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}

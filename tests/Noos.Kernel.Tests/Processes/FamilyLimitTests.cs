using Noos.Core;
using Noos.Kernel.Cpu;
using Noos.Kernel.Journaling;
using Noos.Kernel.Processes;
using Noos.Testing;

namespace Noos.Kernel.Tests.Processes;

/// <summary>Limits of a family hold when much happens at the same time.</summary>
public sealed class FamilyLimitTests : IDisposable
{
    readonly TemporaryFolder _home = new();

    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Children_that_are_begun_at_once_are_no_more_than_there_may_be()
    {
        await using var system = new TestSystem(_home.Path, cpu: null);
        var parent = await system.SpawnAsync(new ProcessProgram { Limits = new ProcessLimits { Children = 4 } });

        var begun = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => Task.Run(async () =>
        {
            try
            {
                return await system.SpawnAsync(kind: ProcessKind.Agent, parent: parent);
            }
            catch (NoosException e) when (e.Kind == ErrorKind.Refused)
            {
                return 0;
            }
        })));

        Assert.Equal(4, begun.Count(id => id > 0));
        await system.Table.KillAsync(begun.First(id => id > 0));
        await system.SpawnAsync(kind: ProcessKind.Agent, parent: parent);
        await Assert.ThrowsAsync<NoosException>(() => system.SpawnAsync(kind: ProcessKind.Agent, parent: parent));
    }

    [Fact]
    public async Task Tokens_of_runs_that_are_under_way_count_against_the_budget()
    {
        const int Budget = 60;
        const int Agents = 6;
        var cpu = new PacedCpu(4000);
        cpu.Hold();
        await using var system = new TestSystem(_home.Path, cpu);
        var parent = await system.SpawnAsync(new ProcessProgram { Limits = new ProcessLimits { Tokens = Budget } });
        var agents = new List<long>();
        for (var i = 0; i < Agents; i++)
        {
            agents.Add(await system.SpawnAsync(kind: ProcessKind.Agent, parent: parent));
        }

        var asked = agents.Select(agent => system.AskAsync(agent, "Count.")).ToArray();
        while (cpu.Begun < Agents)
        {
            await Task.Delay(1, Token);
        }

        cpu.Release();
        await Task.WhenAll(asked);

        var spent = agents.Sum(agent => system.Table.Get(agent).Usage.TokensOut);
        Assert.InRange(spent, 1, Budget + Agents);
        Assert.Contains(agents.SelectMany(agent => system.Journal.Reader.Events(agent)), entry =>
            entry.Event is AnswerStopped { Reason: { } reason } && reason.Contains("have spent", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Answer_may_be_no_longer_than_what_is_left_of_the_budget()
    {
        var cpu = new ScriptedCpu([new TextDelta("ok")]);
        await using var system = new TestSystem(_home.Path, cpu);
        var id = await system.SpawnAsync(new ProcessProgram { Limits = new ProcessLimits { Tokens = 40 } });

        await system.AskAsync(id, "Go.");

        Assert.Equal(40, Assert.Single(cpu.Turns).Options.MaxTokens);
    }

    public void Dispose() => _home.Dispose();
}

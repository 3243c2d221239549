using Microsoft.Extensions.Time.Testing;
using Noos.Core.Conversations;
using Noos.Core.Tools;
using Noos.Kernel.Agents;
using Noos.Kernel.Cpu;
using Noos.Kernel.Processes;
using Noos.Pages.Hosting;
using Noos.Pages.Monitoring;

namespace Noos.Pages.Tests.Monitoring;

/// <summary>What the monitor costs the system.</summary>
public sealed class SystemWatchTests
{
    [Fact]
    public async Task System_is_looked_at_once_a_second_for_all_who_watch_and_never_for_nobody()
    {
        var time = new FakeTimeProvider();
        var cpu = new CountingCpu();
        await using var assistant = new Assistant(cpu, []);
        using var watch = new SystemWatch(
            new PageProcesses(null), new RequestTable(time), assistant, new PagesOptions(), time);
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(0, cpu.Looks);

        var (first, second) = (0, 0);
        using (watch.Watch(() => first++))
        using (watch.Watch(() => second++))
        {
            time.Advance(TimeSpan.FromSeconds(3));
            _ = watch.Latest;
        }

        Assert.Equal((3, 3, 3), (cpu.Looks, first, second));
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(3, cpu.Looks);
    }

    sealed class CountingCpu : ICpu
    {
        public int Looks { get; private set; }

        public CpuInfo Info { get; } = new("counting");

        public CpuCache? Cache
        {
            get
            {
                Looks++;
                return null;
            }
        }

        public int? CountTokens(Conversation conversation, IReadOnlyList<ToolDeclaration> tools) => null;

        public IAsyncEnumerable<CpuEvent> RunAsync(Turn turn, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}

using Noos.Kernel.Cpu;
using Noos.Kernel.Processes;
using Noos.Pages.Chat;
using Noos.Testing;

namespace Noos.Pages.Tests;

public sealed class ConversationFollowerTests
{
    [Fact]
    public async Task Follower_that_waits_for_the_next_event_can_be_disposed()
    {
        await using var pages = await RunningPages.StartAsync(new ScriptedCpu([new TextDelta("Yes.")]));
        var process = await pages.Table.SpawnAsync("user", ProcessKind.Conversation, new ProcessProgram { Name = "page" });
        var taken = new TaskCompletionSource();
        var follower = new ConversationFollower(
            pages.Table, process.Id, after: 0, TimeSpan.FromHours(1), TimeProvider.System,
            _ =>
            {
                taken.TrySetResult();
                return Task.CompletedTask;
            });
        await taken.Task.WaitAsync(TestContext.Current.CancellationToken);

        // A tab that is closed while an answer streams: the pause between two drawings has begun, and so has the wait for what comes next.
        Assert.Null(await Record.ExceptionAsync(async () => await follower.DisposeAsync()));
    }
}

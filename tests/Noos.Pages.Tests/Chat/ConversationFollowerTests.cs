using Noos.Core.Conversations;
using Noos.Kernel.Processes;
using Noos.Pages.Chat;
using Noos.Testing;

namespace Noos.Pages.Tests.Chat;

/// <summary>A page that follows a conversation, and leaves it.</summary>
public sealed class ConversationFollowerTests
{
    [Fact]
    public async Task Page_leaves_a_conversation_while_an_answer_is_written()
    {
        var token = TestContext.Current.CancellationToken;
        var cpu = new PacedCpu(1000);
        await using var pages = await RunningPages.StartAsync(cpu);
        cpu.Hold();
        var id = (await pages.Table.SpawnAsync("user", ProcessKind.Conversation, new ProcessProgram(), cancellationToken: token)).Id;
        await pages.Table.SayAsync(id, Message.User("Count"), token);
        var taken = new TaskCompletionSource();
        var follower = new ConversationFollower(pages.Table, id, 0, TimeSpan.FromMinutes(1), TimeProvider.System, _ =>
        {
            taken.TrySetResult();
            return Task.CompletedTask;
        });
        await taken.Task.WaitAsync(token);

        // In the pause between two drawings, with the next event asked for.
        await follower.DisposeAsync();

        Assert.True(pages.Table.Get(id).IsDue);
    }
}

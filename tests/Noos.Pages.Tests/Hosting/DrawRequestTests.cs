using Noos.Pages.Hosting;

namespace Noos.Pages.Tests.Hosting;

public sealed class DrawRequestTests
{
    [Fact]
    public void Circuit_that_is_slower_than_the_changes_has_one_drawing_before_it_and_misses_no_change()
    {
        var (queue, drawn, changes) = (new Queue<Action>(), new List<int>(), 0);
        DrawRequest request = null!;
        request = new DrawRequest(
            action =>
            {
                queue.Enqueue(action);
                return Task.CompletedTask;
            },
            () =>
            {
                drawn.Add(changes);
                if (drawn.Count == 1)
                {
                    // While it is drawn the next change comes.
                    changes++;
                    request.Queue();
                }
            });

        for (; changes < 1000; changes++)
        {
            request.Queue();
        }

        Assert.Single(queue);
        queue.Dequeue()();
        Assert.Single(queue);
        queue.Dequeue()();
        Assert.Equal([1000, 1001], drawn);
        Assert.Empty(queue);
    }
}

using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Noos.Core.Conversations;
using Noos.Core.Tools;
using Noos.Kernel.Agents;
using Noos.Kernel.Cpu;

namespace Noos.Server.Tests.Monitoring;

/// <summary>A server that stops while it is asked.</summary>
public sealed class GracefulStopTests
{
    const string Question = """{"messages": [{"role": "user", "content": "Hi"}], "tools": [], "stream": true}""";

    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Answer_that_has_begun_ends_and_one_that_waits_is_told_to_come_back()
    {
        await using var cpu = new GateCpu();
        await using var assistant = new Assistant(cpu, []);
        await using var app = await StartAsync(assistant);
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        var running = AskAsync(http);
        await cpu.Running.WaitAsync(Token);
        var waiting = AskAsync(http);
        await cpu.Waiting.WaitAsync(Token);

        var stopped = app.StopGracefullyAsync(TimeSpan.FromMinutes(1));
        var (status, retry, refusal) = await waiting;
        cpu.Finish();
        var (_, _, answer) = await running;
        await stopped;

        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.True(retry > TimeSpan.Zero);
        Assert.Equal(
            "The server stops; ask again when it is up.",
            JsonElement.Parse(refusal).GetProperty("error").GetProperty("message").GetString());
        Assert.Contains("last word", answer, StringComparison.Ordinal);
        Assert.EndsWith("data: [DONE]\n\n", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Answer_that_takes_too_long_ends_with_a_sentence()
    {
        await using var cpu = new GateCpu();
        await using var assistant = new Assistant(cpu, []);
        await using var app = await StartAsync(assistant);
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        var running = AskAsync(http);
        await cpu.Running.WaitAsync(Token);

        await app.StopGracefullyAsync(TimeSpan.Zero);
        var (_, _, answer) = await running;

        Assert.Contains("The server stops; ask again when it is up.", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("[DONE]", answer, StringComparison.Ordinal);
    }

    static async Task<WebApplication> StartAsync(Assistant assistant)
    {
        var app = ChatServer.Create(assistant, new ServerOptions { Port = 0 });
        await app.StartAsync(Token);
        return app;
    }

    static async Task<(HttpStatusCode Status, TimeSpan? Retry, string Body)> AskAsync(HttpClient http)
    {
        using var response = await http.PostAsync("v1/chat/completions", JsonContent.Create(JsonElement.Parse(Question)), Token);
        return (response.StatusCode, response.Headers.RetryAfter?.Delta, await response.Content.ReadAsStringAsync(Token));
    }

    /// <summary>Says a word to the first who asks and waits then; others wait for their turn.</summary>
    sealed class GateCpu : ICpu
    {
        readonly TaskCompletionSource _finish = new(TaskCreationOptions.RunContinuationsAsynchronously);
        readonly TaskCompletionSource _running = new(TaskCreationOptions.RunContinuationsAsynchronously);
        readonly TaskCompletionSource _waiting = new(TaskCreationOptions.RunContinuationsAsynchronously);
        int _turns;

        public Task Running => _running.Task;

        public Task Waiting => _waiting.Task;

        public CpuInfo Info { get; } = new("gate");

        public void Finish() => _finish.TrySetResult();

        public int? CountTokens(Conversation conversation, IReadOnlyList<ToolDeclaration> tools) => null;

        public async IAsyncEnumerable<CpuEvent> RunAsync(
            Turn turn, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            if (Interlocked.Increment(ref _turns) > 1)
            {
                _waiting.TrySetResult();
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }

            yield return new TextDelta("first word");
            _running.TrySetResult();
            await _finish.Task.WaitAsync(cancellationToken);
            yield return new TextDelta("last word");
            yield return new RunFinished(new TokenUsage(1, 0, 2), FinishReasons.Stop, 1);
        }

        public ValueTask DisposeAsync()
        {
            _finish.TrySetResult();
            return ValueTask.CompletedTask;
        }
    }
}

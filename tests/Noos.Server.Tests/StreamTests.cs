using System.Net;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Core.Tools;
using Noos.Kernel.Cpu;

namespace Noos.Server.Tests;

/// <summary>What a client sees of a stream while nothing is said.</summary>
public sealed class StreamTests
{
    const string Question = """{"messages": [{"role": "user", "content": "hi"}], "stream": true, "tools": []}""";

    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Stream_begins_when_the_model_begins_to_read_and_gives_signs_of_life_until_it_speaks()
    {
        var clock = new FakeTimeProvider();
        var cpu = new WaitingCpu();
        await using var server = await StartAsync(cpu, clock);
        cpu.Events.Writer.TryWrite(new RunStarted());

        using var response = await SendAsync(server);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Token));

        Assert.Equal((HttpStatusCode.OK, "text/event-stream"), (response.StatusCode, response.Content.Headers.ContentType!.MediaType));
        Assert.StartsWith("data: ", await ReadAsync(reader), StringComparison.Ordinal);
        for (var ping = 0; ping < 2; ping++)
        {
            var line = ReadAsync(reader);
            await AdvanceAsync(clock, line);
            Assert.Equal(": ping", await line);
        }

        cpu.Events.Writer.TryWrite(new TextDelta("Yes."));
        cpu.Events.Writer.TryWrite(new RunFinished(new TokenUsage(1, 0, 1), FinishReasons.Stop));
        cpu.Events.Writer.Complete();
        Assert.Contains("Yes.", await reader.ReadToEndAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stream_of_a_model_that_says_nothing_of_its_beginning_starts_after_a_while()
    {
        var clock = new FakeTimeProvider();
        var cpu = new WaitingCpu();
        await using var server = await StartAsync(cpu, clock);

        var sent = SendAsync(server);
        await AdvanceAsync(clock, sent);
        using var response = await sent;
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Token));

        Assert.Equal(": ping", await ReadAsync(reader));
        cpu.Events.Writer.Complete(new NoosException(ErrorKind.Unavailable, "The model is gone."));
        Assert.Contains("The model is gone.", await reader.ReadToEndAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Question_that_cannot_be_answered_is_still_refused_with_a_status()
    {
        var cpu = new WaitingCpu();
        await using var server = await StartAsync(cpu, new FakeTimeProvider());
        cpu.Events.Writer.Complete(new NoosException("Too long.") { Code = NoosException.ContextLengthExceeded, Parameter = "messages" });

        using var response = await SendAsync(server);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("\"code\":\"context_length_exceeded\"", await response.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stream_under_way_is_told_that_the_server_stops()
    {
        var clock = new FakeTimeProvider();
        var cpu = new WaitingCpu();
        await using var server = await StartAsync(cpu, clock);
        cpu.Events.Writer.TryWrite(new RunStarted());
        cpu.Events.Writer.TryWrite(new TextDelta("Once"));
        using var response = await SendAsync(server);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Token));
        while (!(await ReadAsync(reader)).Contains("Once", StringComparison.Ordinal))
        {
        }

        var stopped = server.StopAsync();
        var rest = reader.ReadToEndAsync(Token);
        await AdvanceAsync(clock, rest);

        Assert.Contains("\"code\":\"stopping\"", await rest, StringComparison.Ordinal);
        await stopped;
    }

    static Task<RunningServer> StartAsync(ICpu cpu, TimeProvider clock) =>
        RunningServer.StartAsync(cpu, builder => builder.Services.AddSingleton(clock));

    static Task<HttpResponseMessage> SendAsync(RunningServer server) => server.Http.SendAsync(
        new HttpRequestMessage(HttpMethod.Post, "v1/chat/completions") { Content = new StringContent(Question) },
        HttpCompletionOption.ResponseHeadersRead, Token);

    /// <summary>The next line that is not empty.</summary>
    static async Task<string> ReadAsync(StreamReader reader)
    {
        while (true)
        {
            if (await reader.ReadLineAsync(Token) is not "" and var line)
            {
                return line ?? throw new EndOfStreamException();
            }
        }
    }

    /// <summary>Lets the clock of the server go on until something has happened: when it begins to wait is not to be seen.</summary>
    static async Task AdvanceAsync(FakeTimeProvider clock, Task happened)
    {
        while (!happened.IsCompleted)
        {
            clock.Advance(TimeSpan.FromSeconds(5));
            await Task.WhenAny(happened, Task.Delay(20, Token));
        }
    }

    /// <summary>A CPU that says what the test says, when it says so.</summary>
    sealed class WaitingCpu : ICpu
    {
        public Channel<CpuEvent> Events { get; } = Channel.CreateUnbounded<CpuEvent>();

        public CpuInfo Info { get; } = new("waiting");

        public int? CountTokens(Conversation conversation, IReadOnlyList<ToolDeclaration> tools) => null;

        public async IAsyncEnumerable<CpuEvent> RunAsync(
            Turn turn, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            await foreach (var item in Events.Reader.ReadAllAsync(cancellationToken))
            {
                yield return item;
            }
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}

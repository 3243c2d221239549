using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Noos.Core;
using Noos.Cpus.ChatClients;
using Noos.Server.Tests.Monitoring;
using Noos.Testing;

namespace Noos.Server.Tests;

/// <summary>What a client sees of a failure: docs/api.md has the same table.</summary>
public sealed class ErrorResponseTests
{
    const string Question = """{"model":"x","messages":[{"role":"user","content":"hi"}]}""";
    const string StreamedQuestion = """{"model":"x","stream":true,"messages":[{"role":"user","content":"hi"}]}""";

    static readonly (ErrorKind Kind, int Status, string Type, string? Code)[] s_rows =
    [
        (ErrorKind.Invalid, 400, "invalid_request_error", null),
        (ErrorKind.Refused, 403, "permission_error", "refused"),
        (ErrorKind.NotFound, 404, "not_found_error", "not_found"),
        (ErrorKind.Busy, 429, "rate_limit_error", "busy"),
        (ErrorKind.Damaged, 500, "server_error", "damaged"),
        (ErrorKind.Internal, 500, "server_error", "internal"),
        (ErrorKind.Unavailable, 502, "server_error", "unavailable"),
        (ErrorKind.OutOfMemory, 503, "server_error", "out_of_memory"),
    ];

    static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<ErrorKind, int, string, string?, string> Table => Combine();

    [Theory]
    [MemberData(nameof(Table))]
    public async Task Failure_is_answered_by_its_kind(ErrorKind kind, int status, string type, string? code, string body)
    {
        await using var server = await FailAsync(new NoosException(kind, "A sentence."));

        using var response = await server.PostAsync(body);
        var error = JsonElement.Parse(await response.Content.ReadAsStringAsync(Token)).GetProperty("error");

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal("A sentence.", error.GetProperty("message").GetString());
        Assert.Equal((type, code), (error.GetProperty("type").GetString(), error.GetProperty("code").GetString()));
        Assert.Equal(kind.CanRetry(), response.Headers.RetryAfter?.Delta > TimeSpan.Zero);
    }

    [Fact]
    public void Every_kind_is_in_the_table() =>
        Assert.Equal(Enum.GetValues<ErrorKind>().Order(), s_rows.Select(row => row.Kind).Order());

    [Fact]
    public async Task Memory_that_is_exhausted_is_a_503_to_try_again()
    {
        await using var server = await FailAsync(new InsufficientMemoryException());

        using var response = await server.PostAsync(Question);

        Assert.Equal(503, (int)response.StatusCode);
        Assert.NotNull(response.Headers.RetryAfter);
    }

    [Fact]
    public async Task Log_tells_what_failed_and_what_was_refused_and_is_silent_on_mistakes_of_clients()
    {
        var log = new ListLogger();
        await using var server = await FailAsync(new NoosException(ErrorKind.Damaged, "The weights are damaged."), log);
        using (await server.PostAsync("{}"))
        {
            Assert.Empty(log.Lines);
        }

        using (await server.PostAsync(Question))
        {
            Assert.Equal("Warning: POST /v1/chat/completions was answered with 500: The weights are damaged.", Assert.Single(log.Lines));
        }

        using var foreign = new HttpRequestMessage(HttpMethod.Get, "/health");
        foreign.Headers.Add("Origin", "https://evil.example");
        using (await server.Http.SendAsync(foreign, Token))
        {
            Assert.Contains("from the origin 'https://evil.example'", log.Lines.Last(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Client_that_leaves_in_its_request_is_one_line_for_who_looks_closely()
    {
        using var log = new ListLogger();
        await using var server = await RunningServer.StartAsync(
            new ChatClientCpu(new ScriptedChatClient([new TextContent("Hello")])),
            builder =>
            {
                builder.Services.AddSingleton<ILoggerProvider>(log);
                builder.Logging.AddFilter("Noos.Server", LogLevel.Debug);
            });

        using (var client = new TcpClient(server.Address.Host, server.Address.Port))
        {
            await client.GetStream().WriteAsync(
                "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{"u8.ToArray(),
                TestContext.Current.CancellationToken);
        }

        while (!log.Lines.Any(line => line.StartsWith("Debug: POST /v1/chat/completions", StringComparison.Ordinal)))
        {
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }

        using var response = await server.PostAsync(Question);
        Assert.True(response.IsSuccessStatusCode);
        Assert.DoesNotContain(log.Lines, line => line.Contains("automatic draining", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Requests_to_the_model_are_measured_with_the_kind_of_their_failure()
    {
        var measured = new ConcurrentQueue<string>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Name == "Noos.Server")
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) =>
            measured.Enqueue(Describe(instrument, value >= 0, tags)));
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => measured.Enqueue(Describe(instrument, value, tags)));
        listener.Start();
        await using var server = await FailAsync(new NoosException(ErrorKind.Refused, "Not allowed."));

        using var response = await server.PostAsync(Question);

        const string Tags = "gen_ai.operation.name=chat gen_ai.request.model=scripted";
        Assert.Contains($"gen_ai.server.request.duration True {Tags} error.type=refused", measured);
        Assert.Contains($"noos.server.active_requests 1 {Tags}", measured);
        Assert.Contains($"noos.server.active_requests -1 {Tags}", measured);
    }

    static string Describe(Instrument instrument, object value, ReadOnlySpan<KeyValuePair<string, object?>> tags) => string.Create(
        CultureInfo.InvariantCulture,
        $"{instrument.Name} {value} {string.Join(' ', tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}"))}");

    static Task<RunningServer> FailAsync(Exception exception, ListLogger? log = null) => RunningServer.StartAsync(
        new ChatClientCpu(new ScriptedChatClient([new ErrorContent("") { RawRepresentation = exception }])),
        log is null ? null : builder => builder.Services.AddSingleton<ILoggerProvider>(log));

    static TheoryData<ErrorKind, int, string, string?, string> Combine()
    {
        var table = new TheoryData<ErrorKind, int, string, string?, string>();
        foreach (var (kind, status, type, code) in s_rows)
        {
            table.Add(kind, status, type, code, Question);
            table.Add(kind, status, type, code, StreamedQuestion);
        }

        return table;
    }

    /// <summary>Keeps what the server logs under its own name.</summary>
    sealed class ListLogger : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = [];

        public ILogger CreateLogger(string categoryName) =>
            categoryName is "Noos.Server" ? this : NullLogger.Instance;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var line = $"{logLevel}: {formatter(state, exception)}";
            if (!LogLines.IsOfBusyMachine(line))
            {
                Lines.Enqueue(line);
            }
        }

        public void Dispose()
        {
        }
    }
}

using System.Globalization;
using System.Net;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using Noos.Core;
using Noos.Core.Network;

namespace Noos.Tools.Mcp;

/// <summary>
/// The session with one MCP server: begun by the first call, shared by all, begun anew after it broke. The server gets nothing of ours: no
/// sampling, no elicitation, no roots. Thread-safe. Whatever goes wrong is a <see cref="NoosException"/> with one sentence.
/// </summary>
/// <param name="name">The server's name.</param>
/// <param name="server">What the administrator wrote down.</param>
/// <param name="options">How servers are reached.</param>
public sealed class McpConnection(string name, McpServerEntry server, McpOptions options) : IAsyncDisposable
{
    /// <summary>Tools of one server, characters of a description and of a schema: what is beyond would fill every prompt.</summary>
    public const int MaxTools = 100, MaxDescription = 4000, MaxSchema = 32_000;

    const int MaxErrorLine = 200;

    // A result can be streamed for as long as the call may take; the gate ends it before.
    static readonly TimeSpan s_requestTime = TimeSpan.FromMinutes(10);

    readonly SemaphoreSlim _turnstile = new(1, 1);
    EgressGuard? _egress;
    McpClient? _client;
    McpProgram? _program;
    IReadOnlyDictionary<string, McpToolEntry>? _tools;

    /// <summary>The server's name.</summary>
    public string Name => name;

    /// <summary>What the server says of itself now.</summary>
    /// <exception cref="NoosException">It cannot be reached, or answers garbage.</exception>
    public async Task<IReadOnlyList<McpToolEntry>> ListToolsAsync(CancellationToken cancellationToken = default)
    {
        var (_, tools) = await ConnectAsync(isFresh: true, cancellationToken);
        return [.. tools.Values];
    }

    /// <summary>Calls a tool.</summary>
    /// <param name="approved">As a person has approved it: the server must still describe it so.</param>
    /// <param name="arguments">As the model wrote them.</param>
    /// <param name="cancellationToken">The server is told that nobody waits any more.</param>
    /// <exception cref="NoosException">
    /// The server cannot be reached, is broken, or describes the tool differently than when it was approved (Refused).
    /// </exception>
    public async Task<CallToolResult> CallAsync(
        McpToolEntry approved, IReadOnlyDictionary<string, object?> arguments, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(approved);
        var (client, tools) = await ConnectAsync(isFresh: false, cancellationToken);
        if (!tools.TryGetValue(approved.Name, out var now) || now != approved)
        {
            throw new NoosException(
                ErrorKind.Refused,
                now is null
                    ? $"The MCP server {name} no longer has the tool {approved.Name}; 'noos mcp test {name}' shows what it has."
                    : $"The MCP server {name} describes its tool {approved.Name} differently than when it was approved, so it is not "
                        + $"called; 'noos mcp test {name}' shows how, and with --approve allows it.");
        }

        try
        {
            return await client.CallToolAsync(approved.Name, arguments, cancellationToken: cancellationToken);
        }
        catch (McpProtocolException e)
        {
            throw new NoosException(ErrorKind.Invalid, $"The MCP server {name} refuses the call: {Short(e.Message)}", e);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && e is not NoosException)
        {
            // Another call begins anew; this one may have had its effect, so it is not made again.
            throw await GiveUpAsync(e, client);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_client is { } client)
        {
            await DropAsync(client);
        }

        await EndProgramAsync();
        _egress?.Dispose();
        _egress = null;
    }

    async Task<(McpClient Client, IReadOnlyDictionary<string, McpToolEntry> Tools)> ConnectAsync(
        bool isFresh, CancellationToken cancellationToken)
    {
        var limit = server.TimeoutSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : options.ConnectTimeout;
        await _turnstile.WaitAsync(cancellationToken);
        using var deadline = new CancellationTokenSource(limit, options.TimeProvider);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        McpClient? client = null;
        try
        {
            if (_client is { Completion.IsCompleted: true } broken)
            {
                await DropAsync(broken);
            }

            client = _client ?? await McpClient.CreateAsync(
                await CreateTransportAsync(stop.Token),
                new McpClientOptions
                {
                    ClientInfo = new Implementation
                    {
                        Name = "noos",
                        Version = typeof(McpConnection).Assembly.GetName().Version!.ToString(3),
                    },
                    ProtocolVersion = server.ProtocolVersion,
                    InitializationTimeout = limit,
                    // A server that is slow to start must not be taken for one of an older protocol: it answers, but too late, and
                    // then refuses the older greeting.
                    DiscoverProbeTimeout = limit / 2,
                    Handlers = new McpClientHandlers
                    {
                        NotificationHandlers =
                        [
                            // Read again with the next call: what it says now may be another thing than what was approved.
                            new(NotificationMethods.ToolListChangedNotification, (_, _) =>
                            {
                                _tools = null;
                                return ValueTask.CompletedTask;
                            }),
                        ],
                    },
                },
                cancellationToken: stop.Token);
            _client = client;
            if (_tools is not { } tools || isFresh)
            {
                tools = Check(await client.ListToolsAsync(cancellationToken: stop.Token));
                _tools = tools;
            }

            return (client, tools);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            var fault = await GiveUpAsync(e, client);
            throw deadline.IsCancellationRequested && e is OperationCanceledException or TimeoutException
                ? new NoosException(
                    ErrorKind.Unavailable, string.Create(CultureInfo.InvariantCulture,
                        $"The MCP server {name} did not answer within {limit.TotalSeconds:0.#} seconds; see that it runs, or raise its ")
                        + "\"timeout\" in mcp.json.", e)
                : fault;
        }
        finally
        {
            _turnstile.Release();
        }
    }

    Dictionary<string, McpToolEntry> Check(IList<McpClientTool> found)
    {
        if (found.Count > MaxTools)
        {
            throw new NoosException(ErrorKind.Refused, $"The MCP server {name} has {found.Count} tools; at most {MaxTools} can be used.");
        }

        var tools = new Dictionary<string, McpToolEntry>(StringComparer.Ordinal);
        foreach (var tool in found.Select(tool => McpToolEntry.From(tool.ProtocolTool)))
        {
            if (tool.Description.Length > MaxDescription || tool.InputSchema.GetRawText().Length > MaxSchema)
            {
                throw new NoosException(
                    ErrorKind.Refused, $"The MCP server {name} describes its tool {Short(tool.Name)} at too great a length to be used.");
            }

            tools[tool.Name] = tool;
        }

        return tools;
    }

    async Task<IClientTransport> CreateTransportAsync(CancellationToken cancellationToken)
    {
        if (server.Url is not null)
        {
            return Endpoint();
        }

        if (!server.IsConfined)
        {
            return Unconfined();
        }

        // What an attempt that failed has left.
        await EndProgramAsync();
        _program = await McpProgram.StartAsync(name, server, options, cancellationToken);
        return _program.CreateTransport();
    }

    /// <summary>As the administrator has written down that it is to be: with all rights of the user.</summary>
    StdioClientTransport Unconfined()
    {
        // Of our own variables only those that every program needs: keys of ours are none of its concern.
        var variables = StdioClientTransportOptions.GetDefaultEnvironmentVariables();
        foreach (var (variable, value) in server.Environment ?? new Dictionary<string, string>())
        {
            variables[variable] = value;
        }

        return new StdioClientTransport(new StdioClientTransportOptions
        {
            Name = name,
            Command = server.Command!,
            Arguments = [.. server.Arguments ?? []],
            WorkingDirectory = server.WorkingFolder,
            InheritEnvironmentVariables = false,
            EnvironmentVariables = variables,
            ShutdownTimeout = McpProgram.ShutdownTime,
        });
    }

    HttpClientTransport Endpoint()
    {
        var address = new Uri(server.Url!);
        _egress ??= new EgressGuard(Egress(address), options.TimeProvider);
        return new HttpClientTransport(
            new HttpClientTransportOptions
            {
                Name = name,
                Endpoint = address,
                TransportMode = HttpTransportMode.StreamableHttp,
                AdditionalHeaders = server.Headers is { } headers ? new Dictionary<string, string>(headers) : null,
                // Nothing that it would tell unasked is listened to, so no connection is kept for it.
                EnableStandaloneGetStream = false,
                OAuth = options.Authorization?.Invoke(name, server),
            },
            _egress.CreateClient(), loggerFactory: null, ownsHttpClient: true);
    }

    /// <summary>
    /// The address was written down by the administrator, so a loopback or private one is meant. A name that only turns out to lead inside
    /// is not: that needs an exception of its own.
    /// </summary>
    EgressOptions Egress(Uri address)
    {
        var isInner = address.IsLoopback
            || (IPAddress.TryParse(address.Host.Trim('[', ']'), out var ip) && !PublicAddress.IsPublic(ip));
        var host = string.Create(CultureInfo.InvariantCulture, $"{address.Host}:{address.Port}");
        return options.Egress with
        {
            // Where its authorization is: what runs here can ask what else runs here without us.
            AllowsLoopback = address.IsLoopback,
            PrivateHosts = isInner ? [.. options.Egress.PrivateHosts, host] : options.Egress.PrivateHosts,
            Timeout = s_requestTime,
        };
    }

    async Task DropAsync(McpClient client)
    {
        if (ReferenceEquals(Interlocked.CompareExchange(ref _client, null, client), client))
        {
            _tools = null;
        }

        try
        {
            await client.DisposeAsync();
        }
#pragma warning disable CA1031 // It is being given up: what else goes wrong with it interests nobody.
        catch (Exception)
#pragma warning restore CA1031
        {
        }

        await EndProgramAsync();
    }

    async Task EndProgramAsync()
    {
        if (Interlocked.Exchange(ref _program, null) is { } program)
        {
            await program.DisposeAsync();
        }
    }

    /// <summary>Lets go of a client with which something is wrong, and says what.</summary>
    async Task<NoosException> GiveUpAsync(Exception e, McpClient? client)
    {
        // Before it is dropped, which ends it, too.
        var end = _program is { } program && client is null or { Completion.IsCompleted: true }
            ? await program!.FindEndAsync()
            : null;
        if (client is not null)
        {
            await DropAsync(client);
        }

        await EndProgramAsync();
        return end is null
            ? await FaultAsync(e, client)
            : new NoosException(ErrorKind.Unavailable, $"The MCP server {name} {Short(end)}", e);
    }

    async Task<NoosException> FaultAsync(Exception e, McpClient? client)
    {
        if (Chain(e).OfType<NoosException>().FirstOrDefault() is { } refusal)
        {
            return new NoosException(refusal.Kind, $"The MCP server {name} cannot be used: {refusal.Message}", e);
        }

        var details = (e as ClientTransportClosedException)?.Details
            ?? (client is { Completion.IsCompleted: true } ? await client.Completion : null);
        if (details is StdioClientCompletionDetails { ExitCode: { } code } ended)
        {
            var last = ended.StandardErrorTail?.LastOrDefault(line => !string.IsNullOrWhiteSpace(line));
            return new NoosException(
                ErrorKind.Unavailable, string.Create(CultureInfo.InvariantCulture, $"The MCP server {name} ended with exit code {code}")
                    + (last is null ? "." : $": {Short(last)}"), e);
        }

        var status = Chain(e).OfType<HttpRequestException>().FirstOrDefault()?.StatusCode;
        return status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden
            ? new NoosException(
                ErrorKind.Refused, $"The MCP server {name} wants to know who asks ({(int)status}); 'noos mcp test {name}' logs in, or set "
                    + "its \"headers\" in mcp.json.", e)
            : new NoosException(ErrorKind.Unavailable, $"The MCP server {name} cannot be used: {Short(e.Message)}", e);
    }

    static IEnumerable<Exception> Chain(Exception? e)
    {
        for (; e is not null; e = e.InnerException)
        {
            yield return e;
        }
    }

    /// <summary>The first line, which a server may have written: bounded, and with nothing in it that a terminal would obey.</summary>
    static string Short(string text)
    {
        var first = text.TrimStart().TakeWhile(c => c is not ('\r' or '\n'));
        var line = new string([.. first.Where(c => !char.IsControl(c)).Take(MaxErrorLine)]);
        return line.Length == 0 ? "it says nothing." : line;
    }
}

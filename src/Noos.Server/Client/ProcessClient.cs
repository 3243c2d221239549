using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Noos.Core;
using Noos.Core.Network;
using Noos.Kernel.Cpu;
using Noos.Kernel.Gate;
using Noos.Kernel.Journaling;
using Noos.Kernel.Memory;
using Noos.Kernel.Processes;
using Noos.Kernel.Timers;
using Noos.Server.Accounts;
using Noos.Server.OpenAi;
using Noos.Server.Permissions;
using Noos.Server.Processes;
using Noos.Server.Timers;

namespace Noos.Server.Client;

/// <summary>The <c>/api</c> of a running server. Thread-safe.</summary>
public sealed class ProcessClient : IDisposable
{
    const int MaxPage = 10_000;

    static readonly TimeSpan s_patience = TimeSpan.FromSeconds(3);

    readonly EgressGuard _egress;
    readonly HttpClient _http;

    ProcessClient(ServerAddress server)
    {
        _egress = new EgressGuard(EgressOptions.ForService(server.Address) with { FollowsRedirects = false });
        _http = _egress.CreateClient();
        _http.BaseAddress = server.Address;
        if (server.Key is { } key)
        {
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }
    }

    /// <summary>Where the server is.</summary>
    public Uri Address => _http.BaseAddress!;

    /// <summary>The name of its model.</summary>
    public string Model { get; private set; } = "";

    /// <summary>The server of a home; null where none is up, whatever the file says that a killed one has left.</summary>
    public static async Task<ProcessClient?> FindAsync(string home, CancellationToken cancellationToken = default)
    {
        if (ServerAddress.Read(home) is not { } known)
        {
            return null;
        }

        var client = new ProcessClient(known);
        try
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            patience.CancelAfter(s_patience);
            var health = await client._http.GetFromJsonAsync("health", WireJson.Default.Health, patience.Token);
            if (health?.Instance == known.Instance)
            {
                client.Model = health.Model ?? "";
                return client;
            }
        }
        catch (Exception e) when (e is HttpRequestException or JsonException or OperationCanceledException or NotSupportedException)
        {
            cancellationToken.ThrowIfCancellationRequested();
        }

        client.Dispose();
        return null;
    }

    /// <summary>What the processes hold of memory and disk.</summary>
    public Task<MemoryAnswer> MemoryAsync(CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Get, "api/memory", null, ProcessJson.Default.MemoryAnswer, cancellationToken);

    /// <summary>A page of the processes that a filter lets through.</summary>
    /// <param name="filter">Its limit is that of the page.</param>
    /// <param name="after">What "next" of the page before says; null for the first.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public Task<ProcessList> ListAsync(ProcessFilter filter, string? after = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(filter);
        var query = Query(
            ("all", filter.IncludesEnded ? "true" : null), ("kind", filter.Kind?.ToString().ToLowerInvariant()), ("owner", filter.Owner),
            ("name", filter.Program), ("parent", filter.Parent), ("limit", Math.Min(filter.Limit, MaxPage)),
            ("after", after));
        return SendAsync(HttpMethod.Get, $"api/processes{query}", null, ProcessJson.Default.ProcessList, cancellationToken);
    }

    public Task<ProcessRecord> GetAsync(long process, CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Get, At(process), null, ProcessJson.Default.ProcessRecord, cancellationToken);

    /// <param name="start">What begins; its messages are not sent.</param>
    /// <param name="message">What is said first; null for nothing.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public Task<ProcessRecord> SpawnAsync(ProcessStart start, string? message = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(start);
        var body = ToJson(start.Program);
        body["owner"] = start.Owner;
        body["kind"] = start.Kind.ToString().ToLowerInvariant();
        body["title"] = start.Title;
        body["parent"] = start.Parent;
        body["priority"] = start.Priority?.ToString().ToLowerInvariant();
        body["message"] = message;
        return SendAsync(HttpMethod.Post, "api/processes", body, ProcessJson.Default.ProcessRecord, cancellationToken);
    }

    public Task<SaidAnswer> SayAsync(
        long process, string text, GenerationOptions? options = null, CancellationToken cancellationToken = default) =>
        SendAsync(
            HttpMethod.Post, At(process, "messages"),
            new JsonObject { ["content"] = text, ["options"] = options is null ? null : ToJson(options) },
            ProcessJson.Default.SaidAnswer, cancellationToken);

    /// <summary>The same with files that the process was given before.</summary>
    /// <param name="process">Its id.</param>
    /// <param name="text">What is said.</param>
    /// <param name="files">The names of the files.</param>
    /// <param name="options">How the answer is generated.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public Task<SaidAnswer> SayAsync(
        long process, string text, IReadOnlyList<string> files, GenerationOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(files);
        var parts = files.Select(name => (JsonNode)new JsonObject
        {
            ["type"] = "file",
            ["file"] = new JsonObject { ["file_id"] = name },
        });
        return SendAsync(
            HttpMethod.Post, At(process, "messages"),
            new JsonObject
            {
                ["content"] = new JsonArray([.. parts, new JsonObject { ["type"] = "text", ["text"] = text }]),
                ["options"] = options is null ? null : ToJson(options),
            },
            ProcessJson.Default.SaidAnswer, cancellationToken);
    }

    /// <summary>Gives a file to a process.</summary>
    /// <param name="process">Its id.</param>
    /// <param name="name">What it is called.</param>
    /// <param name="content">Its content, sent as it is read.</param>
    /// <param name="cancellationToken">Ends the sending.</param>
    /// <returns>The name by which it is known there.</returns>
    public async Task<string> GiveFileAsync(
        long process, string name, Stream content, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(content);
        using var body = new StreamContent(content);
        return (await SendContentAsync(
            HttpMethod.Post, At(process, "files") + Query(("name", name)), body, ProcessJson.Default.FileList, cancellationToken))
            .Data[0].Name;
    }

    public Task<MessageList> MessagesAsync(long process, CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Get, At(process, "messages"), null, ProcessJson.Default.MessageList, cancellationToken);

    public Task<ContextTable> ContextAsync(long process, CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Get, At(process, "context"), null, ProcessJson.Default.ContextTable, cancellationToken);

    public Task<ContextTable> MarkAsync(long process, int page, PageMark mark, CancellationToken cancellationToken = default) => SendAsync(
        HttpMethod.Post, At(process, "context"), new JsonObject { ["page"] = page, ["mark"] = mark.ToString().ToLowerInvariant() },
        ProcessJson.Default.ContextTable, cancellationToken);

    public Task<EntryList> EventsAsync(long process, long after, int limit, CancellationToken cancellationToken = default) => SendAsync(
        HttpMethod.Get, At(process, "events") + Query(("after", after), ("limit", limit)), null, ProcessJson.Default.EntryList,
        cancellationToken);

    /// <summary>The last events, in their order.</summary>
    public async Task<IReadOnlyList<JournalEntry>> LastEventsAsync(
        long process, int count, CancellationToken cancellationToken = default) =>
        (await SendAsync(
            HttpMethod.Get, At(process, "events") + Query(("last", count)), null, ProcessJson.Default.EntryList, cancellationToken)).Data;

    /// <summary>What has happened since an event, and then what happens, until the process ends or the server stops.</summary>
    public async IAsyncEnumerable<JournalEntry> FollowAsync(
        long process, long after = 0, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, At(process, "events") + Query(("after", after), ("follow", "true")));
        using var response = await ReadHeadAsync(request, cancellationToken);
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        await using var entries = SseParser
            .Create(body, static (_, data) => JsonSerializer.Deserialize(data, ProcessJson.Default.JournalEntry)!)
            .EnumerateAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (await MoveNextAsync(entries))
        {
            yield return entries.Current.Data;
        }
    }

    async Task<bool> MoveNextAsync(IAsyncEnumerator<SseItem<JournalEntry>> entries)
    {
        try
        {
            return await entries.MoveNextAsync();
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw Lost(e);
        }
    }

    public Task<ProcessRecord> StopAsync(long process, CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Post, At(process, "stop"), null, ProcessJson.Default.ProcessRecord, cancellationToken);

    public Task<ProcessRecord> KillAsync(long process, string? reason = null, CancellationToken cancellationToken = default) => SendAsync(
        HttpMethod.Post, At(process, "kill"), new JsonObject { ["reason"] = reason }, ProcessJson.Default.ProcessRecord, cancellationToken);

    public Task<ProcessRecord> ChangeAsync(
        long process, ProcessPriority? priority = null, string? title = null, CancellationToken cancellationToken = default) => SendAsync(
        HttpMethod.Patch, At(process),
        new JsonObject { ["priority"] = priority?.ToString().ToLowerInvariant(), ["title"] = title },
        ProcessJson.Default.ProcessRecord, cancellationToken);

    /// <summary>Waits for so long at most; the state says whether it is over.</summary>
    public Task<ProcessRecord> WaitAsync(long process, int seconds, CancellationToken cancellationToken = default) => SendAsync(
        HttpMethod.Get, At(process, "wait") + Query(("timeout", seconds)), null, ProcessJson.Default.ProcessRecord, cancellationToken);

    public Task<ProcessRecord> ForkAsync(long process, long? at, string? title = null, CancellationToken cancellationToken = default) =>
        SendAsync(
            HttpMethod.Post, At(process, "fork"), new JsonObject { ["at"] = at, ["title"] = title }, ProcessJson.Default.ProcessRecord,
            cancellationToken);

    public Task<ReplayAnswer> ReplayAsync(long process, CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Post, At(process, "replay"), null, ProcessJson.Default.ReplayAnswer, cancellationToken);

    public Task<PassageList> SearchAsync(
        string words, long? process, int limit, CancellationToken cancellationToken = default) => SendAsync(
        HttpMethod.Get, "api/search" + Query(("q", words), ("process", process), ("limit", limit)), null, ProcessJson.Default.PassageList,
        cancellationToken);

    public Task<ApprovalList> ApprovalsAsync(CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Get, "api/approvals", null, PermissionJson.Default.ApprovalList, cancellationToken);

    /// <summary>Permissions, those that were revoked included.</summary>
    public Task<PermissionRuleList> PermissionsAsync(CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Get, "api/permissions?all=true", null, PermissionJson.Default.PermissionRuleList, cancellationToken);

    /// <summary>Answers the question that a process waits with.</summary>
    public Task<ProcessRecord> DecideAsync(
        long process, Approval approval, string? callId = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(approval);
        return SendAsync(
            HttpMethod.Post, At(process, "approvals"),
            new JsonObject
            {
                ["granted"] = approval.IsGranted,
                ["scope"] = approval.Scope.ToString().ToLowerInvariant(),
                ["reason"] = approval.Reason,
                ["call_id"] = callId,
            },
            ProcessJson.Default.ProcessRecord, cancellationToken);
    }

    public Task<PermissionRule> RevokeAsync(long permission, CancellationToken cancellationToken = default) => SendAsync(
        HttpMethod.Delete, string.Create(CultureInfo.InvariantCulture, $"api/permissions/{permission}"), null,
        PermissionJson.Default.PermissionRule, cancellationToken);

    public Task<TimerList> TimersAsync(bool includesEnded = false, CancellationToken cancellationToken = default) => SendAsync(
        HttpMethod.Get, "api/timers" + Query(("all", includesEnded ? "true" : null)), null, TimerJson.Default.TimerList, cancellationToken);

    public Task<TimerRecord> AddTimerAsync(TimerStart start, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(start);
        var body = ToJson(start.Program);
        body["owner"] = start.Owner;
        body["title"] = start.Title;
        body["cron"] = start.Cron;
        body["at"] = start.At;
        body["missed"] = start.Missed.ToString().ToLowerInvariant();
        body["message"] = start.Message;
        return SendAsync(HttpMethod.Post, "api/timers", body, TimerJson.Default.TimerRecord, cancellationToken);
    }

    public Task<TimerRecord> RemoveTimerAsync(long timer, CancellationToken cancellationToken = default) => SendAsync(
        HttpMethod.Delete, string.Create(CultureInfo.InvariantCulture, $"api/timers/{timer}"), null, TimerJson.Default.TimerRecord,
        cancellationToken);

    /// <summary>Ends what runs for a user, and removes the account.</summary>
    public Task RemoveUserAsync(string name, bool forgets, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(name);
        return SendAsync(
            HttpMethod.Delete, $"api/users/{Uri.EscapeDataString(name)}{Query(("forget", forgets ? "true" : null))}", null,
            AccountJson.Default.UserEntry, cancellationToken);
    }

    public Task DeleteAsync(long process, CancellationToken cancellationToken = default) =>
        SendAsync(HttpMethod.Delete, At(process), null, ProcessJson.Default.DeletedAnswer, cancellationToken);

    public void Dispose()
    {
        _http.Dispose();
        _egress.Dispose();
    }

    static string At(long process, string? what = null) =>
        string.Create(CultureInfo.InvariantCulture, $"api/processes/{process}{(what is null ? "" : "/")}{what}");

    static string Query(params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        var query = "";
        foreach (var (name, value) in parameters)
        {
            if (value is not null)
            {
                var text = Convert.ToString(value, CultureInfo.InvariantCulture)!;
                query += $"{(query.Length == 0 ? '?' : '&')}{name}={Uri.EscapeDataString(text)}";
            }
        }

        return query;
    }

    static JsonObject ToJson(ProcessProgram program) => new()
    {
        ["name"] = program.Name,
        ["instructions"] = program.Instructions,
        ["model"] = program.Model,
        ["fallbacks"] = program.Fallbacks is null ? null : new JsonArray([.. program.Fallbacks.Select(model => (JsonNode)model)]),
        ["tools"] = program.Tools is null ? null : new JsonArray([.. program.Tools.Select(tool => (JsonNode)tool)]),
        ["options"] = ToJson(program.Options),
        ["limits"] = new JsonObject
        {
            ["depth"] = program.Limits.Depth,
            ["children"] = program.Limits.Children,
            ["tokens"] = program.Limits.Tokens,
            ["calls"] = program.Limits.Calls,
        },
    };

    /// <summary>The names are those of the API already; only what has another shape there is written anew.</summary>
    static JsonObject ToJson(GenerationOptions options)
    {
        var json = JsonSerializer.SerializeToNode(
            options with { ResponseFormat = null, AdapterScales = null }, ProcessJson.Default.GenerationOptions)!.AsObject();
        json["grammar"] = options.ResponseFormat?.Grammar;
        if (options.ResponseFormat?.Extractive is { } extractive)
        {
            json["response_format"] = new JsonObject
            {
                ["type"] = "extractive",
                ["passages"] = extractive.Passages is { } passages ? new JsonArray([.. passages.Select(text => (JsonNode)text)]) : null,
                ["refusal"] = extractive.Refusal,
                ["cite"] = extractive.Cite,
            };
        }
        if (options.TopLogProbabilities is not null)
        {
            json["logprobs"] = true;
        }

        return json;
    }

    async Task<T> SendAsync<T>(
        HttpMethod method, string address, JsonObject? body, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        using var content = body is null ? null : new StringContent(body.ToJsonString(), mediaType: new("application/json"));
        return await SendContentAsync(method, address, content, type, cancellationToken);
    }

    async Task<T> SendContentAsync<T>(
        HttpMethod method, string address, HttpContent? content, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, address) { Content = content };
        using var response = await ReadHeadAsync(request, cancellationToken);
        try
        {
            return (await response.Content.ReadFromJsonAsync(type, cancellationToken))!;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or JsonException)
        {
            throw Lost(e);
        }
    }

    async Task<HttpResponseMessage> ReadHeadAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        HttpResponseMessage response;
        try
        {
            response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
        catch (HttpRequestException e)
        {
            throw Lost(e);
        }

        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        using (response)
        {
            throw await RefusalAsync(response, cancellationToken);
        }
    }

    static async Task<NoosException> RefusalAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var message = $"The server answered with {(int)response.StatusCode}.";
        try
        {
            var body = await response.Content.ReadFromJsonAsync(WireJson.Default.ApiErrorBody, cancellationToken);
            message = body?.Error.Message ?? message;
        }
        catch (Exception e) when (e is JsonException or HttpRequestException or IOException)
        {
            // The status says enough.
        }

        return new NoosException(KindOf(response.StatusCode), message);
    }

    static ErrorKind KindOf(HttpStatusCode status) =>
        Enum.GetValues<ErrorKind>().Cast<ErrorKind?>().FirstOrDefault(kind => kind!.Value.HttpStatus() == (int)status)
            ?? ErrorKind.Invalid;

    NoosException Lost(Exception reason) => new(
        ErrorKind.Unavailable, $"The server at {Address} is gone; start it again with 'noos up', or run the command without it.", reason);
}

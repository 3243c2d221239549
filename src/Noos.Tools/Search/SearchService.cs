using System.Globalization;
using System.Net;
using System.Text.Json;
using Noos.Core;

namespace Noos.Tools.Search;

/// <summary>Asks one service for JSON and says in a sentence what goes wrong.</summary>
/// <param name="name">As people know it.</param>
/// <param name="timeout">How long it may take.</param>
/// <param name="timeProvider">The clock of that.</param>
sealed class SearchService(string name, TimeSpan timeout, TimeProvider timeProvider)
{
    // Wikimedia asks every program to say what it is (https://meta.wikimedia.org/wiki/User-Agent_policy).
    const string UserAgent = "Noos/0.1 (an assistant on its user's own machine; asks only what the user asks)";

    /// <summary>Longest answer in bytes: a page of results has some ten thousand.</summary>
    const int MaxLength = 4 << 20;

    public string Name => name;

    /// <summary>Sends a GET.</summary>
    /// <param name="http">The way out.</param>
    /// <param name="address">With the query.</param>
    /// <param name="headers">Beside the usual ones.</param>
    /// <param name="refusal">What a status means that only this service knows; null for the usual meaning.</param>
    /// <param name="cancellationToken">Of the caller.</param>
    /// <exception cref="NoosException">There is no JSON object as an answer.</exception>
    public async Task<JsonDocument> GetAsync(
        HttpClient http, Uri address, IReadOnlyList<(string Name, string Value)> headers, Func<HttpStatusCode, string?> refusal,
        CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(timeout, timeProvider);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.TryAddWithoutValidation("User-Agent", UserAgent);
        request.Headers.TryAddWithoutValidation("Accept", "application/json");
        foreach (var (header, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(header, value);
        }

        try
        {
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop.Token);
            if (!response.IsSuccessStatusCode)
            {
                throw Failure(response, refusal(response.StatusCode));
            }

            var document = JsonDocument.Parse(await ReadAsync(response.Content, stop.Token));
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                return document;
            }

            document.Dispose();
            throw Garbage();
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (OperationCanceledException e)
        {
            throw new NoosException(ErrorKind.Unavailable, string.Create(
                CultureInfo.InvariantCulture, $"{name} did not answer within {timeout.TotalSeconds:0.###} seconds."), e);
        }
        catch (JsonException e)
        {
            throw Garbage(e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or NoosException { Kind: ErrorKind.Unavailable })
        {
            throw e is NoosException && e.Message.StartsWith(name, StringComparison.Ordinal)
                ? e
                : new NoosException(ErrorKind.Unavailable, $"{name} cannot be reached.", e);
        }
    }

    /// <summary>The answer is JSON, but no answer of this service.</summary>
    public NoosException Garbage(Exception? inner = null)
    {
        var message = $"What {name} answered is no list of results.";
        return inner is null ? new NoosException(ErrorKind.Damaged, message) : new NoosException(ErrorKind.Damaged, message, inner);
    }

    NoosException Failure(HttpResponseMessage response, string? known) => known is not null
        ? new NoosException(ErrorKind.Refused, known)
        : response.StatusCode == HttpStatusCode.TooManyRequests
            ? new NoosException(ErrorKind.Busy, $"{name} has been asked too often; try again {Later(response)}.")
            : new NoosException(
                ErrorKind.Unavailable,
                string.Create(CultureInfo.InvariantCulture, $"{name} fails at the moment (HTTP {(int)response.StatusCode})."));

    static string Later(HttpResponseMessage response) => response.Headers.RetryAfter?.Delta is { TotalSeconds: >= 1 and < 86_400 } delay
        ? string.Create(CultureInfo.InvariantCulture, $"in {Math.Ceiling(delay.TotalSeconds):0} seconds")
        : "later";

    async Task<ReadOnlyMemory<byte>> ReadAsync(HttpContent content, CancellationToken cancellationToken)
    {
        await using var stream = await content.ReadAsStreamAsync(cancellationToken);
        using var read = new MemoryStream();
        var buffer = new byte[16 << 10];
        while (await stream.ReadAsync(buffer, cancellationToken) is var count and > 0)
        {
            if (read.Length + count > MaxLength)
            {
                throw Garbage();
            }

            read.Write(buffer, 0, count);
        }

        return read.GetBuffer().AsMemory(0, (int)read.Length);
    }
}

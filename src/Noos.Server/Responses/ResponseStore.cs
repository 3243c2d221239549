using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Noos.Core.Conversations;
using Noos.Server.OpenAi;

namespace Noos.Server.Responses;

/// <summary>
/// Responses that can be continued, in memory: they are gone with the server, and the ones that nobody has asked for the longest go first
/// where there are too many. Thread-safe.
/// </summary>
/// <param name="maxBytes">Bytes of all together, about; 0 keeps none.</param>
sealed class ResponseStore(long maxBytes)
{
    readonly Lock _lock = new();
    readonly Dictionary<string, LinkedListNode<StoredResponse>> _all = new(StringComparer.Ordinal);
    readonly LinkedList<StoredResponse> _byUse = new();
    long _bytes;

    public void Add(StoredResponse response)
    {
        lock (_lock)
        {
            _all[response.Body.Id] = _byUse.AddLast(response);
            _bytes += response.Bytes;
            while (_bytes > maxBytes && _byUse.First is { } oldest)
            {
                Drop(oldest);
            }
        }
    }

    /// <summary>One of an owner; null where there is none of this id that is his.</summary>
    public StoredResponse? Find(string owner, string id)
    {
        lock (_lock)
        {
            if (!_all.TryGetValue(id, out var node) || node.Value.Owner != owner)
            {
                return null;
            }

            _byUse.Remove(node);
            _byUse.AddLast(node);
            return node.Value;
        }
    }

    /// <inheritdoc cref="Find"/>
    /// <exception cref="ApiException">There is none.</exception>
    public StoredResponse Get(string owner, string id) => Find(owner, id) ?? throw new ApiException(
        StatusCodes.Status404NotFound, $"There is no response '{id}' here: it was not stored, or went for newer ones (--keep-responses).",
        "id", "not_found");

    /// <exception cref="ApiException">There is none of this id that is his.</exception>
    public void Remove(string owner, string id)
    {
        _ = Get(owner, id);
        lock (_lock)
        {
            if (_all.TryGetValue(id, out var node))
            {
                Drop(node);
            }
        }
    }

    void Drop(LinkedListNode<StoredResponse> node)
    {
        _byUse.Remove(node);
        _all.Remove(node.Value.Body.Id);
        _bytes -= node.Value.Bytes;
    }
}

/// <param name="Owner">Whose it is: nobody else hears of it.</param>
/// <param name="Body">As it was answered.</param>
/// <param name="Input">The items that it answers.</param>
/// <param name="Messages">The conversation until its end, without instructions.</param>
/// <param name="Bytes">About what it takes.</param>
sealed record StoredResponse(
    string Owner, ResponseBody Body, IReadOnlyList<JsonObject> Input, IReadOnlyList<Message> Messages, long Bytes);

using Noos.Core.Conversations;

namespace Noos.Server.OpenAi;

/// <summary>
/// The ids of the tool calls in a conversation while it is read, with the names of their tools. An id may come again once its call was
/// answered, as some servers count anew in each answer; two that wait for a result at the same time cannot share one.
/// </summary>
sealed class CallIds
{
    readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);
    readonly HashSet<string> _open = new(StringComparer.Ordinal);

    /// <summary>Takes over a message that is not read now.</summary>
    public void Note(Message message)
    {
        foreach (var part in message.Parts)
        {
            switch (part)
            {
                case ToolCallPart { CallId: { } id } call:
                    _open.Add(id);
                    _names[id] = call.Name;
                    break;
                case ToolResultPart { CallId: { } answered }:
                    _open.Remove(answered);
                    break;
                default:
                    break;
            }
        }
    }

    /// <summary>A call.</summary>
    /// <exception cref="ApiException">Another of the same id has no result yet.</exception>
    public void Add(string id, string name, string place)
    {
        if (!_open.Add(id))
        {
            throw Repeated(id, place);
        }

        _names[id] = name;
    }

    /// <summary>A result.</summary>
    /// <returns>The name of the tool; null where there was no such call.</returns>
    public string? Answer(string id)
    {
        _open.Remove(id);
        return _names.GetValueOrDefault(id);
    }

    /// <summary>Somebody says something: what was not answered until now never is.</summary>
    public void Close() => _open.Clear();

    public static ApiException Repeated(string id, string place) =>
        ApiException.Invalid(place, $"Two calls in {place} have the id '{id}', so that a result could be of either; give each its own.");
}

using Noos.Core.Conversations;
using Noos.Kernel.Journaling;

namespace Noos.Kernel.Processes;

/// <summary>
/// Where the calls that persons ran beside a conversation belong in its history: events have other numbers in a copy, messages have not.
/// </summary>
static class PersonCallPlaces
{
    /// <summary>The calls without the event of their answer, with the number of its message instead.</summary>
    /// <param name="history">All that was said on the branch.</param>
    /// <param name="calls">Those of its answers, in their order.</param>
    /// <returns>
    /// In the same order. One whose message nobody knows has no number: it is found by what it ran. One whose message was cut off is left
    /// out.
    /// </returns>
    public static IReadOnlyList<PersonCalled> Find(ProcessHistory history, IReadOnlyList<PersonCalled> calls)
    {
        if (calls.Count == 0)
        {
            return [];
        }

        var (messageOfEvent, begun) = Index(history);
        return
        [
            .. from call in calls
               let message = call.MessageIndex
                   ?? (messageOfEvent.TryGetValue(call.Answer, out var known) ? known : null)
               where call.MessageIndex is not { } index || index < begun
               select call with { Answer = 0, MessageIndex = message },
        ];
    }

    /// <summary>The answer that came with each event, and how many messages came with the first of all.</summary>
    static (Dictionary<long, int?> MessageOfEvent, int Begun) Index(ProcessHistory history)
    {
        var (places, part, begun) = (new Dictionary<long, int?>(), 0, 0);
        var first = history.PartEvents.Count > 0 ? history.PartEvents[0] : 0;
        for (var i = 0; i < history.Messages.Count; i++)
        {
            var message = history.Messages[i];
            if (message.Parts.Count > 0 && history.PartEvents[part] == first)
            {
                begun = i + 1;
            }

            for (var last = part + message.Parts.Count; part < last; part++)
            {
                if (message.Role == Role.Assistant)
                {
                    // Many messages that came with one event are none in particular.
                    var id = history.PartEvents[part];
                    places[id] = places.TryGetValue(id, out var other) && other != i ? null : i;
                }
            }
        }

        return (places, begun);
    }
}

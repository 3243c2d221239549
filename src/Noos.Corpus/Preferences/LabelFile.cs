using System.Text.Json;
using Noos.Core;
using Noos.Core.Conversations;
using Noos.Core.Storage;
using Noos.Corpus.Reading;

namespace Noos.Corpus.Preferences;

/// <summary>
/// Labels as JSON lines in the order in which they were given. Each is a preference as <see cref="PreferenceFile"/> reads it, so a training
/// takes the file as it is.
/// </summary>
public static class LabelFile
{
    /// <summary>The labels of a file; none where it is not there.</summary>
    /// <exception cref="NoosException">A line is no label.</exception>
    public static IReadOnlyList<Label> Read(string path)
    {
        var labels = new List<Label>();
        if (File.Exists(path))
        {
            foreach (var (number, bytes) in LineReader.Read(path))
            {
                labels.Add(Read(bytes, $"Line {number} of '{path}'"));
            }
        }

        return labels;
    }

    /// <summary>Writes all labels anew: the file is there whole, before or after, whatever happens meanwhile.</summary>
    public static void Write(string path, IEnumerable<Label> labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        AtomicFile.Write(path, stream =>
        {
            foreach (var label in labels)
            {
                using (var json = new Utf8JsonWriter(stream))
                {
                    Write(json, label);
                }

                stream.WriteByte((byte)'\n');
            }
        });
    }

    /// <summary>The answers that raters wrote, as conversations to learn from.</summary>
    public static IEnumerable<Conversation> Demonstrations(IEnumerable<Label> labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        return labels.Where(label => label.HasEdit && !label.IsRepeat).Select(label => new Conversation(
            [
                .. label.Group.Prompt.Messages.Select(message => message.Role == Role.Assistant ? message with { Weight = 0 } : message),
                .. label.Group.Answers[^1].Messages,
            ]));
    }

    static void Write(Utf8JsonWriter json, Label label)
    {
        json.WriteStartObject();
        PreferenceFile.WriteFields(json, label.Group);
        json.WriteStartArray("places");
        foreach (var place in label.Places)
        {
            json.WriteNumberValue(place);
        }

        json.WriteEndArray();
        json.WriteString("rater", label.Rater);
        json.WriteString("time", label.Time);
        json.WriteBoolean("repeat", label.IsRepeat);
        json.WriteBoolean("edit", label.HasEdit);
        json.WriteEndObject();
    }

    static Label Read(ReadOnlyMemory<byte> line, string origin)
    {
        var group = PreferenceFile.ReadOne(line, origin);
        try
        {
            using var document = JsonDocument.Parse(line);
            var row = document.RootElement;
            return new Label(
                group, [.. row.GetProperty("places").EnumerateArray().Select(place => place.GetInt32())],
                row.GetProperty("rater").GetString() ?? "", row.GetProperty("time").GetDateTimeOffset())
            {
                IsRepeat = row.GetProperty("repeat").GetBoolean(),
                HasEdit = row.GetProperty("edit").GetBoolean(),
            };
        }
        catch (Exception exception)
            when (exception is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new NoosException(
                ErrorKind.Damaged, $"{origin} is no label of 'noos label'; write labels to a file of their own with --to.", exception);
        }
    }
}

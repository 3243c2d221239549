using System.Text.Json;
using System.Text.Json.Serialization;
using Noos.Core;
using Noos.Core.Storage;

namespace Noos.Training.Runs;

/// <summary>
/// The diary of a run as JSON lines (<c>metrics.jsonl</c>), one object a line. A line is handed to the operating system at once, so that
/// a killed process loses at most the line it was writing; such a torn line is cut off on opening. Not thread-safe.
/// </summary>
public sealed class MetricsLog : IDisposable
{
    static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,

        // A diverged loss is NaN and belongs into the diary.
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    readonly string _path;
    FileStream _stream;

    MetricsLog(string path)
    {
        _path = path;
        _stream = OpenStream(path);
    }

    /// <summary>Opens a log for appending, made if absent.</summary>
    /// <exception cref="NoosException">The file cannot be written.</exception>
    public static MetricsLog Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        path = Path.GetFullPath(path);
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            return new MetricsLog(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw AtomicFile.Failure(path, e);
        }
    }

    /// <summary>
    /// Reads a log, also while it is being written. A step that goes back, after a roll-back, replaces what was measured from that step
    /// on. Lines that cannot be read are passed over; no file gives an empty history.
    /// </summary>
    /// <exception cref="NoosException">The file is there but cannot be read.</exception>
    public static MetricsHistory Read(string path)
    {
        var (steps, evaluations, events) = (new List<StepMetrics>(), new List<Evaluation>(), new List<RunEvent>());
        foreach (var (_, line) in ReadLines(path))
        {
            if (line.Metrics is not null)
            {
                if (steps.Count > 0 && line.Metrics.Step <= steps[^1].Step)
                {
                    steps.RemoveAll(s => s.Step >= line.Metrics.Step);
                    evaluations.RemoveAll(e => e.Step >= line.Metrics.Step);
                    events.RemoveAll(e => e.Kind == RunEvent.Skip && e.Step >= line.Metrics.Step);
                }

                steps.Add(line.Metrics);
            }

            if (line.Evaluation is { BitsPerByte: not null, Samples: not null })
            {
                evaluations.RemoveAll(e => e.Step >= line.Evaluation.Step);
                evaluations.Add(line.Evaluation);
            }

            if (line.Event is { Kind: not null, Message: not null })
            {
                events.Add(line.Event);
            }
        }

        return new MetricsHistory(steps, evaluations, events);
    }

    /// <exception cref="NoosException">The disk is full or fails.</exception>
    public void Append(StepMetrics metrics) => Append(new Line { Metrics = metrics });

    /// <exception cref="NoosException">The disk is full or fails.</exception>
    public void Append(Evaluation evaluation) => Append(new Line { Evaluation = evaluation });

    /// <exception cref="NoosException">The disk is full or fails.</exception>
    public void Append(RunEvent happened) => Append(new Line { Event = happened });

    /// <summary>
    /// Forgets what came after <paramref name="step"/>, to go on from a checkpoint of that step. Roll-backs, resumes and other events of
    /// the run's own history stay; skipped updates go, since they will be met again.
    /// </summary>
    /// <exception cref="NoosException">The disk is full or fails; the log is as before.</exception>
    public void TruncateTo(long step)
    {
        var kept = ReadLines(_path).Where(l => !IsAfter(l.Line, step)).Select(l => l.Text).ToList();
        AtomicFile.Write(_path, stream =>
        {
            foreach (var text in kept)
            {
                stream.Write(text);
                stream.WriteByte((byte)'\n');
            }
        });
        _stream.Dispose();
        _stream = OpenStream(_path);
    }

    /// <summary>Flushes to the disk, for a power cut; call it with every checkpoint.</summary>
    public void Flush() => _stream.Flush(flushToDisk: true);

    public void Dispose() => _stream.Dispose();

    static bool IsAfter(Line line, long step)
        => line.Metrics?.Step > step || line.Evaluation?.Step > step || (line.Event is { Kind: RunEvent.Skip } skip && skip.Step > step);

    static FileStream OpenStream(string path)
    {
        // No buffer: every line reaches the operating system before Append returns.
        var stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete, bufferSize: 0);
        CutTornLine(stream);
        return stream;
    }

    static void CutTornLine(FileStream stream)
    {
        var end = stream.Length;
        var block = new byte[1 << 16];
        while (end > 0)
        {
            var count = (int)Math.Min(block.Length, end);
            stream.Position = end - count;
            stream.ReadExactly(block.AsSpan(0, count));
            var newline = block.AsSpan(0, count).LastIndexOf((byte)'\n');
            if (newline >= 0)
            {
                end = end - count + newline + 1;
                break;
            }

            end -= count;
        }

        if (end != stream.Length)
        {
            stream.SetLength(end);
        }

        stream.Position = end;
    }

    static IEnumerable<(byte[] Text, Line Line)> ReadLines(string path)
    {
        byte[] bytes;
        try
        {
            if (!File.Exists(path))
            {
                yield break;
            }

            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            bytes = new byte[stream.Length];
            var count = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            bytes = bytes[..count];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new NoosException(
                ErrorKind.Unavailable, $"The metrics '{path}' cannot be read; the system says: {e.Message.TrimEnd('.')}.", e);
        }

        var start = 0;
        while (bytes.AsSpan(start).IndexOf((byte)'\n') is >= 0 and var length)
        {
            var text = bytes[start..(start + length)];
            start += length + 1;
            if (TryParse(text) is { } line)
            {
                yield return (text, line);
            }
        }
    }

    static Line? TryParse(byte[] text)
    {
        try
        {
            return JsonSerializer.Deserialize<Line>(text, s_json);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    void Append(Line line)
    {
        byte[] bytes = [.. JsonSerializer.SerializeToUtf8Bytes(line, s_json), (byte)'\n'];
        var before = _stream.Position;
        try
        {
            _stream.Write(bytes);
        }
        catch (IOException e)
        {
            _stream.SetLength(before);
            _stream.Position = before;
            throw AtomicFile.Failure(_path, e);
        }
    }

    sealed record Line
    {
        public StepMetrics? Metrics { get; init; }

        public Evaluation? Evaluation { get; init; }

        public RunEvent? Event { get; init; }
    }
}

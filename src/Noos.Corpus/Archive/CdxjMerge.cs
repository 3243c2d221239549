using System.Text;
using Noos.Core.Storage;

namespace Noos.Corpus.Archive;

/// <summary>Joins sorted indexes into one, line by line: memory does not grow with them.</summary>
public static class CdxjMerge
{
    /// <param name="path">The joint index; it appears whole or not at all.</param>
    /// <param name="parts">Sorted indexes.</param>
    public static void Write(string path, IReadOnlyList<string> parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        AtomicFile.Write(path, stream =>
        {
            using var writer = new StreamWriter(stream, new UTF8Encoding(false), leaveOpen: true) { NewLine = "\n" };
            var readers = new List<StreamReader>();
            try
            {
                var next = new PriorityQueue<StreamReader, string>(StringComparer.Ordinal);
                foreach (var part in parts)
                {
                    var reader = new StreamReader(part);
                    readers.Add(reader);
                    Queue(next, reader, reader.ReadLine());
                }

                while (next.TryDequeue(out var reader, out var line))
                {
                    writer.WriteLine(line);
                    Queue(next, reader, reader.ReadLine());
                }
            }
            finally
            {
                readers.ForEach(reader => reader.Dispose());
            }
        });

        static void Queue(PriorityQueue<StreamReader, string> queue, StreamReader reader, string? line)
        {
            if (line is not null)
            {
                queue.Enqueue(reader, line);
            }
        }
    }
}

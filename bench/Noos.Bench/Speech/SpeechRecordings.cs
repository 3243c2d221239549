using System.Formats.Tar;
using Noos.Media.Audio;
using Noos.Media.Speech;
using ZstdSharp;

namespace Noos.Bench.Speech;

/// <summary>Recordings in tar archives, packed with Zstandard or not.</summary>
static class SpeechRecordings
{
    /// <summary>The files of an archive with their names.</summary>
    public static IEnumerable<(string Name, byte[] Content)> Files(string archive)
    {
        using var file = File.OpenRead(archive);
        using var content = archive.EndsWith(".zst", StringComparison.Ordinal) ? new DecompressionStream(file) : (Stream)file;
        using var tar = new TarReader(content);
        while (tar.GetNextEntry(copyData: true) is { } entry)
        {
            if (entry is { EntryType: TarEntryType.RegularFile or TarEntryType.V7RegularFile, DataStream: { } data })
            {
                using var copy = new MemoryStream();
                data.CopyTo(copy);
                yield return (entry.Name, copy.ToArray());
            }
        }
    }

    /// <summary>A recording as mono at 16 kHz.</summary>
    public static float[] Decode(byte[] content)
    {
        using var mono = new MonoReader(AudioFile.Open(new MemoryStream(content)), SpeechDetector.SampleRate);
        var samples = new List<float>();
        var block = new float[1 << 14];
        for (var read = mono.Read(block); read > 0; read = mono.Read(block))
        {
            samples.AddRange(block.AsSpan(0, read));
        }

        return [.. samples];
    }
}

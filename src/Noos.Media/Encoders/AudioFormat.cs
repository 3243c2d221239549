using Noos.Core;

namespace Noos.Media.Encoders;

/// <summary>A format in which sound leaves Noos.</summary>
/// <param name="Name">As OpenAI's API calls it.</param>
/// <param name="MediaType">As HTTP calls it.</param>
/// <param name="Extension">Of a file, with its dot.</param>
public sealed record AudioFormat(string Name, string MediaType, string Extension)
{
    /// <summary>MPEG audio layer III, what clients expect who say nothing.</summary>
    public static AudioFormat Mp3 { get; } = new("mp3", "audio/mpeg", ".mp3");

    /// <summary>RIFF with 16-bit samples.</summary>
    public static AudioFormat Wav { get; } = new("wav", "audio/wav", ".wav");

    /// <summary>Bare 16-bit little-endian samples, one channel, 24 kHz, as OpenAI has them.</summary>
    public static AudioFormat Pcm { get; } = new("pcm", "audio/pcm", ".pcm");

    public static IReadOnlyList<AudioFormat> All { get; } = [Mp3, Wav, Pcm];

    /// <summary>Formats that OpenAI has and that nothing here can write.</summary>
    static readonly string[] s_missing = ["opus", "aac", "flac"];

    /// <summary>A format by its name.</summary>
    /// <exception cref="NoosException">There is no such format, or it cannot be written here.</exception>
    public static AudioFormat Parse(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var wanted = name.TrimStart('.');
        return All.FirstOrDefault(format => format.Name.Equals(wanted, StringComparison.OrdinalIgnoreCase))
            ?? throw new NoosException(
                s_missing.Contains(wanted, StringComparer.OrdinalIgnoreCase)
                    ? $"Sound cannot be written as {wanted} here; ask for mp3, wav or pcm."
                    : $"'{wanted}' is no format of sound that is known here; ask for mp3, wav or pcm.");
    }
}

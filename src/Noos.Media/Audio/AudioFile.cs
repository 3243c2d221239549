using Noos.Core;
using Noos.Media.Audio.Formats;

namespace Noos.Media.Audio;

/// <summary>
/// Opens recordings. The format is found in the content and never in a name or a media type, which programs set as they like: WAV, FLAC,
/// MP3, Ogg with Opus or Vorbis, WebM with Opus.
/// </summary>
public static class AudioFile
{
    const int HeadLength = 64;
    const string Readable = "WAV, FLAC, MP3, Ogg (Opus or Vorbis) or WebM (Opus)";

    /// <summary>Opens a recording and checks what its header says.</summary>
    /// <param name="content">From its beginning, seekable; owned from now on, also where this fails.</param>
    /// <param name="limits">Null for the usual ones.</param>
    /// <exception cref="NoosException">
    /// It is none that can be decoded (Invalid), damaged (Damaged), or beyond the limits (Refused).
    /// </exception>
    public static AudioReader Open(Stream content, AudioLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(content);
        limits ??= AudioLimits.Default;
        try
        {
            return new LimitedAudioReader(OpenFormat(content), limits);
        }
        catch (Exception e)
        {
            content.Dispose();
            if (e is EndOfStreamException or InvalidDataException)
            {
                throw Damaged(e);
            }

            throw;
        }
    }

    /// <summary>The recording cannot be decoded any further.</summary>
    internal static NoosException Damaged(Exception e) =>
        new(ErrorKind.Damaged, $"The recording is damaged: {e.Message}; record or export it again.", e);

    static AudioReader OpenFormat(Stream content)
    {
        Span<byte> buffer = stackalloc byte[HeadLength];
        ReadOnlySpan<byte> head = buffer[..content.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false)];
        content.Position = 0;
        return head switch
        {
            _ when head.IsEmpty => throw new NoosException("The recording is empty; record or export it again."),
            _ when WavAudioReader.IsWav(head) => new WavAudioReader(content),
            _ when head.StartsWith("fLaC"u8) => new FlacAudioReader(content),
            _ when head.StartsWith("OggS"u8) => OggFile.Open(content),
            _ when head.StartsWith((ReadOnlySpan<byte>)[0x1A, 0x45, 0xDF, 0xA3]) => new WebmAudioReader(content),
            _ when Mp3AudioReader.IsMp3(head) => new Mp3AudioReader(content),
            _ when IsMp4(head) => throw Unreadable("an MP4 (M4A, AAC)"),
            _ when head.StartsWith("FORM"u8) => throw Unreadable("an AIFF"),
            _ when head.StartsWith("#!AMR"u8) => throw Unreadable("an AMR"),
            _ when head.StartsWith((ReadOnlySpan<byte>)[0x30, 0x26, 0xB2, 0x75]) => throw Unreadable("a Windows Media"),
            _ => throw new NoosException($"The file is no recording that can be heard here; give {Readable}."),
        };
    }

    static bool IsMp4(ReadOnlySpan<byte> head) => head.Length >= 8 && head[4..].StartsWith("ftyp"u8);

    static NoosException Unreadable(string what) => new(
        $"The recording is {what} file, which cannot be decoded here; convert it, such as with 'ffmpeg -i IN -ac 1 -ar 16000 OUT.wav'.");
}

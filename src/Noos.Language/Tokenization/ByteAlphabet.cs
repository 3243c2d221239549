using System.Text;

namespace Noos.Language.Tokenization;

/// <summary>
/// GPT-2's printable stand-ins for the 256 bytes (<c>bytes_to_unicode</c>), in which Hugging Face and GGUF files write tokens: visible
/// Latin-1 characters stand for themselves, the other bytes are U+0100 and following, in order.
/// </summary>
static class ByteAlphabet
{
    static readonly char[] s_characters = Build();
    static readonly short[] s_bytes = Invert(s_characters);

    public static string Write(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder(bytes.Length);
        foreach (var value in bytes)
        {
            text.Append(s_characters[value]);
        }

        return text.ToString();
    }

    /// <summary>Reads the bytes that <paramref name="text"/> stands for; false when it holds a character outside the alphabet.</summary>
    public static bool TryRead(ReadOnlySpan<char> text, out byte[] bytes)
    {
        bytes = new byte[text.Length];
        for (var index = 0; index < text.Length; index++)
        {
            if (text[index] >= s_bytes.Length || s_bytes[text[index]] < 0)
            {
                return false;
            }

            bytes[index] = (byte)s_bytes[text[index]];
        }

        return true;
    }

    static char[] Build()
    {
        var characters = new char[256];
        var next = (char)0x100;
        for (var value = 0; value < 256; value++)
        {
            var visible = value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF);
            characters[value] = visible ? (char)value : next++;
        }

        return characters;
    }

    static short[] Invert(char[] characters)
    {
        var bytes = new short[characters.Max() + 1];
        Array.Fill(bytes, (short)-1);
        for (var value = 0; value < characters.Length; value++)
        {
            bytes[characters[value]] = (short)value;
        }

        return bytes;
    }
}

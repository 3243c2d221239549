using System.Buffers.Binary;
using System.Text;

namespace Noos.Bench.Pages;

/// <summary>
/// The part of MessagePack (https://github.com/msgpack/msgpack/blob/master/spec.md) in which a browser and the server of a Blazor page
/// talk: null, flags, whole numbers, texts, bytes, lists and maps.
/// </summary>
static class MessagePack
{
    /// <param name="value">Null, bool, int, long, string or a list of these.</param>
    public static void Write(List<byte> output, object? value)
    {
        switch (value)
        {
            case null:
                output.Add(0xc0);
                break;
            case bool flag:
                output.Add(flag ? (byte)0xc3 : (byte)0xc2);
                break;
            case int number:
                Write(output, (long)number);
                break;
            case long number:
                output.Add(0xd3);
                Span<byte> bytes = stackalloc byte[8];
                BinaryPrimitives.WriteInt64BigEndian(bytes, number);
                output.AddRange(bytes);
                break;
            case string text:
                var encoded = Encoding.UTF8.GetBytes(text);
                output.Add(0xdb);
                AddLength(output, encoded.Length);
                output.AddRange(encoded);
                break;
            case IReadOnlyDictionary<string, string> { Count: 0 }:
                output.Add(0x80);
                break;
            case IReadOnlyList<object?> list:
                output.Add(0xdd);
                AddLength(output, list.Count);
                foreach (var item in list)
                {
                    Write(output, item);
                }

                break;
            default:
                throw new ArgumentException($"{value.GetType()} is not written here.", nameof(value));
        }
    }

    /// <summary>Reads one value and moves the input behind it.</summary>
    /// <returns>Null, bool, long, double, string, byte[] or object?[]; a map as the list of its keys and values.</returns>
    public static object? Read(ref ReadOnlySpan<byte> input)
    {
        var mark = Take(ref input, 1)[0];
        switch (mark)
        {
            case < 0x80:
                return (long)mark;
            case >= 0xe0:
                return (long)(sbyte)mark;
            case < 0x90:
                return ReadList(ref input, 2 * (mark & 15));
            case < 0xa0:
                return ReadList(ref input, mark & 15);
            case < 0xc0:
                return ReadText(ref input, mark & 31);
            case 0xc0:
                return null;
            case 0xc2 or 0xc3:
                return mark == 0xc3;
            case 0xc4 or 0xc5 or 0xc6:
                return Take(ref input, ReadNumber(ref input, 1 << (mark - 0xc4))).ToArray();
            case 0xcb:
                return BinaryPrimitives.ReadDoubleBigEndian(Take(ref input, 8));
            case 0xcc or 0xcd or 0xce or 0xcf:
                return ReadNumber(ref input, 1 << (mark - 0xcc));
            case 0xd0 or 0xd1 or 0xd2 or 0xd3:
                var bits = 8 << (mark - 0xd0);
                return ReadNumber(ref input, bits / 8) << (64 - bits) >> (64 - bits);
            case 0xd9 or 0xda or 0xdb:
                return ReadText(ref input, ReadNumber(ref input, 1 << (mark - 0xd9)));
            case 0xdc or 0xdd:
                return ReadList(ref input, ReadNumber(ref input, 2 << (mark - 0xdc)));
            case 0xde or 0xdf:
                return ReadList(ref input, 2 * ReadNumber(ref input, 2 << (mark - 0xde)));
            default:
                throw new InvalidDataException($"Not read here: {mark:x2}.");
        }
    }

    static object?[] ReadList(ref ReadOnlySpan<byte> input, long count)
    {
        var list = new object?[count];
        for (var i = 0; i < list.Length; i++)
        {
            list[i] = Read(ref input);
        }

        return list;
    }

    static string ReadText(ref ReadOnlySpan<byte> input, long length) => Encoding.UTF8.GetString(Take(ref input, length));

    static long ReadNumber(ref ReadOnlySpan<byte> input, int bytes)
    {
        var number = 0L;
        foreach (var one in Take(ref input, bytes))
        {
            number = (number << 8) | one;
        }

        return number;
    }

    static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> input, long count)
    {
        var taken = input[..checked((int)count)];
        input = input[taken.Length..];
        return taken;
    }

    static void AddLength(List<byte> output, int length)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, length);
        output.AddRange(bytes);
    }
}

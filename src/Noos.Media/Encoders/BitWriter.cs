namespace Noos.Media.Encoders;

/// <summary>Writes bits into bytes, the highest first.</summary>
sealed class BitWriter
{
    readonly List<byte> _bytes = [];
    int _free;

    public int Bits => (_bytes.Count * 8) - _free;

    /// <param name="value">Its lowest bits are written.</param>
    /// <param name="count">So many, up to 32.</param>
    public void Write(int value, int count)
    {
        for (var i = count - 1; i >= 0; i--)
        {
            if (_free == 0)
            {
                _bytes.Add(0);
                _free = 8;
            }

            _free--;
            _bytes[^1] |= (byte)(((value >> i) & 1) << _free);
        }
    }

    public byte[] ToArray() => [.. _bytes];
}

// Functions that make a long text of short ones in one step of the engine, which looks at no limit before the step is over: 1e5 matches
// with what precedes each come to 5e9 characters. Here the length is known before the text is made, or it is made in many steps.
// What scripts do to names and prototypes later does not reach what is taken here.
'use strict';
(function (maxText) {
  const { apply, ownKeys, getPrototypeOf } = Reflect;
  const { isArray } = Array;
  const { trunc } = Math;
  const { stringify } = JSON;
  const TooLong = RangeError;
  const WrongType = TypeError;
  const Text = String;
  const matching = Symbol.replace;
  const typed = getPrototypeOf(Uint8Array.prototype);
  const take = (object, ...names) => Object.fromEntries(names.map(name => [name, object[name]]));
  const strings = take(String.prototype, 'repeat', 'padStart', 'padEnd', 'replace', 'replaceAll', 'indexOf', 'slice');
  const bytes = take(Uint8Array.prototype, 'toHex', 'toBase64');
  const lists = take(Intl.ListFormat.prototype, 'format', 'formatToParts');
  const replaceExpression = RegExp.prototype[matching];
  const joinArray = Array.prototype.join;
  const joinTyped = typed.join;

  // The properties keep their attributes, so that nobody meets them in a loop.
  const define = (object, methods) => {
    for (const name of ownKeys(methods)) object[name] = methods[name];
  };
  const bound = length => {
    if (length > maxText) throw new TooLong('Invalid string length');
  };
  const textOf = value => typeof value === 'string' ? value : `${value}`;
  const ownText = value => {
    if (value === undefined || value === null) throw new WrongType('Cannot convert undefined or null to object');
    return textOf(value);
  };
  const slice = (text, from, to) => apply(strings.slice, text, [from, to]);
  const find = (text, sought, from) => apply(strings.indexOf, text, [sought, from]);

  const pad = (native, text, length, fill) => {
    const wanted = +length;
    bound(wanted);
    return apply(native, text, [wanted, fill]);
  };

  // A template such as "$1: $&" for one match, whose arguments are those of a function of replacement
  // (https://tc39.es/ecma262/#sec-getsubstitution).
  const expand = (template, match) => {
    let last = match.length - 1;
    const groups = typeof match[last] === 'string' ? undefined : match[last--];
    const whole = match[last];
    const place = match[last - 1];
    const captures = last - 2;
    const group = digits => digits !== '' && +digits >= 1 && +digits <= captures ? +digits : 0;
    let text = '';
    let from = 0;
    while (true) {
      const mark = find(template, '$', from);
      if (mark < 0) return text + slice(template, from);
      text += slice(template, from, mark);
      const sign = template[mark + 1];
      from = mark + 2;
      if (sign === '$') text += '$';
      else if (sign === '&') text += match[0];
      else if (sign === '`') text += slice(whole, 0, place);
      else if (sign === "'") text += slice(whole, place + match[0].length);
      else if (sign === '<' && groups !== undefined && find(template, '>', from) >= 0) {
        const end = find(template, '>', from);
        text += groups[slice(template, from, end)] ?? '';
        from = end + 1;
      } else if (sign >= '0' && sign <= '9') {
        const next = template[mark + 2];
        const two = next >= '0' && next <= '9' ? group(sign + next) : 0;
        const number = two || group(sign);
        text += number === 0 ? '$' : match[number] ?? '';
        from = mark + (number === 0 ? 1 : two ? 3 : 2);
      } else {
        text += '$';
        from = mark + 1;
      }
      bound(text.length);
    }
  };

  // What stands for the matches, of which there are so many at most: as it is, if that cannot come to much, else as a function that counts.
  const counted = (text, matches, replacement) => {
    let make = replacement;
    if (typeof replacement !== 'function') {
      const template = textOf(replacement);
      let marks = 0;
      for (let at = find(template, '$', 0); at >= 0 && marks < 100; at = find(template, '$', at + 1)) marks++;
      if (marks < 100 && text.length + matches * (template.length + marks * text.length) <= maxText) return template;
      make = marks === 0 ? () => template : (...match) => expand(template, match);
    }
    let length = 0;
    return (...match) => {
      const part = textOf(apply(make, undefined, match));
      length += part.length;
      bound(length);
      return part;
    };
  };
  const replace = (native, value, pattern, replacement, matches) => {
    // An expression does it itself: below.
    if (typeof pattern === 'object' && pattern !== null && pattern[matching] != null) return apply(native, value, [pattern, replacement]);
    const text = ownText(value);
    return apply(native, text, [textOf(pattern), counted(text, matches ?? text.length + 1, replacement)]);
  };

  define(String.prototype, {
    repeat(count) {
      const text = ownText(this);
      const times = trunc(+count) || 0;
      bound(text.length * times);
      return apply(strings.repeat, text, [times]);
    },
    padStart(length, fill) { return pad(strings.padStart, ownText(this), length, fill); },
    padEnd(length, fill) { return pad(strings.padEnd, ownText(this), length, fill); },
    concat(...parts) {
      let text = ownText(this);
      for (let i = 0; i < parts.length; i++) {
        text += textOf(parts[i]);
        bound(text.length);
      }
      return text;
    },
    replace(pattern, replacement) { return replace(strings.replace, this, pattern, replacement, 1); },
    replaceAll(pattern, replacement) { return replace(strings.replaceAll, this, pattern, replacement); },
  });
  String.raw = (template, ...values) => {
    let text = '';
    for (let i = 0; i < template.raw.length; i++) {
      text += textOf(template.raw[i]) + (i + 1 < template.raw.length && i < values.length ? textOf(values[i]) : '');
      bound(text.length);
    }
    return text;
  };
  define(RegExp.prototype, {
    [matching](value, replacement) {
      const text = textOf(value);
      return apply(replaceExpression, this, [text, counted(text, text.length + 1, replacement)]);
    },
  });

  // Arrays of arrays that contain themselves are joined once.
  const joining = [];
  const join = (list, gap, toText) => {
    for (let i = 0; i < joining.length; i++) if (joining[i] === list) return '';
    joining[joining.length] = list;
    try {
      let text = '';
      for (let i = 0; i < list.length; i++) {
        text += (i > 0 ? gap : '') + (list[i] === undefined || list[i] === null ? '' : toText(list[i]));
        bound(text.length);
      }
      return text;
    } finally {
      joining.length--;
    }
  };
  define(Array.prototype, {
    join(separator) {
      const gap = separator === undefined ? ',' : textOf(separator);
      if (!isArray(this)) return join(Object(this), gap, textOf);
      let length = this.length * gap.length;
      bound(length);
      for (let i = 0; i < this.length; i++) {
        const item = this[i];
        if (typeof item === 'string') bound(length += item.length);
        else if (typeof item === 'object' && item !== null) return join(this, gap, textOf);
      }
      return apply(joinArray, this, [gap]);
    },
    toLocaleString(...locales) {
      return join(Object(this), ',', item => textOf(item.toLocaleString(...locales)));
    },
  });
  define(typed, {
    join(separator) {
      const gap = separator === undefined ? ',' : textOf(separator);
      bound(this.length * (gap.length + 1));
      return apply(joinTyped, this, [gap]);
    },
  });
  define(Uint8Array.prototype, {
    toHex() {
      bound(this.length * 2);
      return apply(bytes.toHex, this, []);
    },
    toBase64(options) {
      bound(this.length * 4 / 3);
      return apply(bytes.toBase64, this, [options]);
    },
  });
  define(JSON, {
    stringify(value, replacer, space) {
      let length = 0;
      const count = (_, item) => {
        if (typeof item === 'string' || typeof item === 'object' && item instanceof Text) bound(length += item.length);
        return item;
      };
      if (typeof replacer === 'function') {
        return stringify(value, function (key, item) { return count(key, apply(replacer, this, [key, item])); }, space);
      }
      const text = stringify(value, count, space);
      return isArray(replacer) ? stringify(value, replacer, space) : text;
    },
  });
  const listed = list => {
    const parts = [...list];
    let length = 0;
    for (let i = 0; i < parts.length; i++) if (typeof parts[i] === 'string') bound(length += parts[i].length);
    return parts;
  };
  define(Intl.ListFormat.prototype, {
    format(list) { return apply(lists.format, this, [listed(list)]); },
    formatToParts(list) { return apply(lists.formatToParts, this, [listed(list)]); },
  });
})(__maxText);
delete globalThis.__maxText;

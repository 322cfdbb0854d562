const MAIL = /^[a-z0-9._-]+@[a-z0-9.-]+$/;

exports.isMail = (text) => text.length < 200 && MAIL.test(text);

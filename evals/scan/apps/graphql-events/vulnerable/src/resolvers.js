const db = require('./db');
const axios = require('axios');

module.exports = {
  Query: {
    events: (_parent, args, context) => db.query(`SELECT * FROM events WHERE city = '${args.city}'`),
  },
  Mutation: {
    importEvents: async (_parent, args, context) => {
      if (!context.user) throw new Error('log in first');
      const feed = await axios.get(args.url);
      return feed.data.length;
    },
  },
};

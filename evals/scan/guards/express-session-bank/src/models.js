const { DataTypes, Sequelize } = require('sequelize');

const sequelize = new Sequelize(process.env.DATABASE_URL, { logging: false });

exports.User = sequelize.define('User', { email: DataTypes.STRING, passwordHash: DataTypes.STRING });
exports.Account = sequelize.define('Account', { userId: DataTypes.INTEGER, balance: DataTypes.INTEGER });
exports.Transfer = sequelize.define('Transfer', { from: DataTypes.STRING, to: DataTypes.STRING, amount: DataTypes.INTEGER });

import { model, Schema } from 'mongoose';

export const User = model('User', new Schema({ email: { type: String, unique: true }, hash: String, name: String, role: { type: String, default: 'member' } }));
